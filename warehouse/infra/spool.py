"""An arriving file: written to disk and hashed in one pass, in flat memory.

Three digests of every byte are most of what an upload costs. hashlib lets go of the interpreter lock, so for a big
file MD5 runs on one thread and SHA-256 with BLAKE2b on another, while the caller writes and reads on; small files
are hashed where they are, because handing them over would cost more than it saves.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import Unavailable
from warehouse.infra import disk

THREADS_FROM = 4 * 1024 * 1024
QUEUE_BLOCKS = 8
MOST_WITH_THREADS = 8
"""Files of one process that have threads at a time: slow senders may keep thousands of files open for hours."""

_places = threading.BoundedSemaphore(MOST_WITH_THREADS)


class DiskTrouble(Unavailable):
    """The disk that arriving files are written to cannot take them (503)."""


@dataclass(frozen=True)
class Spooled:
    """A file as it arrived: where it is, how many bytes, and their digests in lower-case hexadecimal."""

    path: Path
    size: int
    md5: str
    sha256: str
    blake2_256: str


class Spool:
    """Writes blocks to ``path`` and hashes them. Used by one thread at a time; end it with finish or abandon.

    Past ``most`` bytes it only counts: the file is too large to be accepted, and the disk is for others. Refuses with
    :class:`DiskTrouble` when the disk is full or has failed.
    """

    def __init__(self, path: Path, *, most: int | None = None) -> None:
        self.path = path
        self.size = 0
        self.most = most
        with disk_trouble():
            self._file = path.open("xb", buffering=0)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._blake2 = hashlib.blake2b(digest_size=32)
        self._threads: list[_Hashing] = []
        self._has_asked = False

    def write(self, block: bytes) -> None:
        """Take the next bytes; waits while the hashing threads are behind."""
        self.size += len(block)
        if self.most is not None and self.size > self.most:
            return
        view = memoryview(block)
        with disk_trouble():
            while view:
                view = view[self._file.write(view) :]
        if not self._has_asked and self.size > THREADS_FROM:
            self._has_asked = True
            if _places.acquire(blocking=False):
                self._threads = [_Hashing([self._md5]), _Hashing([self._sha256, self._blake2])]
        if self._threads:
            for thread in self._threads:
                thread.blocks.put(block)
        else:
            for digest in (self._md5, self._sha256, self._blake2):
                digest.update(block)

    def finish(self) -> Spooled:
        """Close the file and say what it is. It is not yet synced: whoever stores it does that."""
        self._stop()
        with disk_trouble():
            self._file.close()
        return Spooled(self.path, self.size, self._md5.hexdigest(), self._sha256.hexdigest(), self._blake2.hexdigest())

    def abandon(self) -> None:
        """Forget the file; harmless after finish, and when it was moved away since."""
        self._stop()
        try:
            self._file.close()
        finally:
            self.path.unlink(missing_ok=True)

    def _stop(self) -> None:
        for thread in self._threads:
            thread.end()
        if self._threads:
            _places.release()
        self._threads = []


class _Hashing:
    def __init__(self, digests: Iterable[Any]) -> None:
        self.blocks: queue.Queue[bytes | None] = queue.Queue(QUEUE_BLOCKS)
        self._digests = list(digests)
        self._thread = threading.Thread(target=self._run, name="hashing", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self.blocks.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (block := self.blocks.get()) is not None:
            for digest in self._digests:
                digest.update(block)


@contextmanager
def disk_trouble() -> Iterator[None]:
    """Tell a disk that cannot take bytes, which an operator can cure, from a bug."""
    try:
        yield
    except OSError as error:
        if (trouble := disk.trouble(error)) is None:
            raise
        sentence = f"The disk that takes uploads {trouble}. Try again later, or tell the operators."
        raise DiskTrouble(sentence, retry_after=60, code="disk_trouble") from error


def spool_path(path: Path, destination: Path) -> Spooled:
    """Copy a file that is already on this machine, hashing it on the way (for imports)."""
    spool = Spool(destination)
    try:
        with path.open("rb", buffering=0) as source:
            while block := source.read(256 * 1024):
                spool.write(block)
        return spool.finish()
    except (OSError, DiskTrouble):
        spool.abandon()
        raise
