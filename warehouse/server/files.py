"""Opens the files that answers name, and reads what the system has in memory without waiting for the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from warehouse.errors import NotFound
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.standards.http.message import Answer, Ask, FileSlice

_NOWAIT = getattr(os, "RWF_NOWAIT", 0)


@dataclass(frozen=True, slots=True)
class OpenSlice:
    """An open file and the bytes of it to send."""

    fd: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An answer whose files are open."""

    answer: Answer
    parts: list[bytes | OpenSlice]

    def close(self) -> None:
        """Close the files."""
        for part in self.parts:
            if isinstance(part, OpenSlice):
                os.close(part.fd)


def prepare(answer: Callable[[Ask], Answer | Ready | Later | None], ask: Ask) -> Prepared | Ready | Later | None:
    """In a thread: ask the site and open the files it names; a file that is not there is ``NotFound``."""
    found = answer(ask)
    return opened(found) if isinstance(found, Answer) else found


def opened(answer: Answer) -> Prepared:
    """Open the files of an answer, so that what can fail fails before the first byte is sent."""
    body = answer.body if isinstance(answer.body, tuple) else (answer.body,)
    prepared = Prepared(answer, [])
    try:
        for part in body:
            prepared.parts.append(part if isinstance(part, bytes) else _open(part))
    except BaseException:
        prepared.close()
        raise
    return prepared


def _open(part: FileSlice) -> OpenSlice:
    try:
        fd = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFound("This file is not here.") from None
    size = os.fstat(fd).st_size
    if not 0 <= part.start <= part.end <= size:
        os.close(fd)
        raise ValueError(f"bytes {part.start} to {part.end} asked of {part.path}, which has {size}")
    return OpenSlice(fd, part.start, part.end)


def read_cached(fd: int, window: memoryview, at: int) -> int:
    """Read what needs no disk; -1: it does, or the file system cannot tell."""
    if not _NOWAIT:
        return -1
    try:
        return os.preadv(fd, [window], at, _NOWAIT)
    except OSError:  # EAGAIN, or EOPNOTSUPP: a thread reads, and raises what is truly wrong
        return -1


def is_cached(fd: int, at: int, size: int) -> bool:
    """Can these bytes be sent without waiting for the disk? Looks at both ends, which is nearly always right."""
    byte = bytearray(1)
    return read_cached(fd, memoryview(byte), at) == 1 and read_cached(fd, memoryview(byte), at + size - 1) == 1
