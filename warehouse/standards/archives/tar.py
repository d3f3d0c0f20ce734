"""Gzip-compressed tar archives read as one bounded stream: nothing is extracted and no link is followed."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from warehouse.standards.archives import tar_header
from warehouse.standards.archives.refusal import invalid_file, leaves_archive, quoted
from warehouse.standards.archives.tar_header import BLOCK, TarHeader, bad_tar, parse_header, parse_pax

_COMPRESSED_CHUNK = 64 * 1024
_CHUNK = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_KINDS = {
    tar_header.FILE: "file",
    tar_header.DIRECTORY: "directory",
    tar_header.SYMLINK: "symlink",
    tar_header.HARDLINK: "hardlink",
}


@dataclass(frozen=True)
class Limits:
    """What an archive may cost to read; sizes are bytes. No ratio: real sdists of test data reach high ones."""

    headers: int = 500_000
    total: int = 4 * 2**30
    seconds: float = 60.0
    name: int = 4096
    extended_header: int = 2**20


@dataclass
class TarMember:
    """A member of a tar archive; ``kind`` is file, directory, symlink or hardlink, ``size`` is bytes.

    The name has no trailing slash; bytes that are not UTF-8 are shown as ``\\xff``.
    """

    name: str
    kind: str
    size: int
    link: str
    _stream: _Stream = field(repr=False)
    _ends: int = field(repr=False)

    @property
    def is_file(self) -> bool:
        return self.kind == "file"

    def read(self, *, limit: int) -> bytes:
        """The content, at most ``limit`` bytes, once and before the next member is asked for."""
        if self.size > limit:
            raise invalid_file(f"Member {quoted(self.name)} is larger than {limit} bytes.")
        self._require_turn()
        return self._stream.read(self.size)

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces, once and before the next member is asked for."""
        self._require_turn()
        left = self.size
        while left:
            piece = self._stream.read(min(left, _CHUNK))
            left -= len(piece)
            yield piece

    def _require_turn(self) -> None:
        if self._stream.position != self._ends - self.size:
            raise ValueError("A member of a stream is read once, before the next one.")


def members(path: str | os.PathLike[str], limits: Limits | None = None) -> Iterator[TarMember]:
    """The members of a ``.tar.gz`` in order, each readable until the next; the end of the file is checked last.

    Refuses with `BadArchive` what is not one gzip stream of one tar archive, what is also a ZIP file, damage, sparse
    members, devices, paths that lead outside, and more than the limits.
    """
    with open(path, "rb") as file:
        if _ends_like_zip(file):
            raise invalid_file("It is a tar file and a ZIP file at once.")
        stream = _Stream(file, limits or Limits())
        count = 0
        for header in _headers(stream):
            name = _path(header.name, stream.limits)
            ends = stream.position + header.size
            link = header.link.decode("utf-8", "backslashreplace")
            yield TarMember(name, _KINDS[header.kind], header.size, link, stream, ends)
            stream.skip(ends + -ends % BLOCK - stream.position)
            count += 1
        if not count:
            raise bad_tar("it has no members.")
        stream.finish()


class _Stream:
    """The decompressed bytes of a gzip file, within the limits."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self.limits = limits
        self.position = 0
        self._file = file
        self._inflater = zlib.decompressobj(_GZIP)
        self._buffer = b""
        self._used = 0
        self._input = b""
        self._produced = 0
        self._deadline = time.monotonic() + limits.seconds
        if file.read(2) != b"\x1f\x8b":
            raise invalid_file("It is not a gzip-compressed tar file.")
        file.seek(0)

    def read(self, length: int) -> bytes:
        """Exactly ``length`` bytes."""
        data = self.read_up_to(length)
        if len(data) < length:
            raise bad_tar("it is truncated.")
        return data

    def read_up_to(self, length: int) -> bytes:
        """``length`` bytes, or all there are before the end."""
        pieces = []
        while length and (piece := self._piece(length)):
            pieces.append(piece)
            length -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def skip(self, length: int) -> None:
        """Pass over ``length`` bytes."""
        while length:
            piece = self._piece(length)
            if not piece:
                raise bad_tar("it is truncated.")
            length -= len(piece)

    def finish(self) -> None:
        """Read to the end of the file: only zeros may follow the archive, and the gzip checksum must hold."""
        while piece := self._piece(_CHUNK):
            if piece.count(0) != len(piece):
                raise bad_tar("there is data after its end.")
        rest = self._inflater.unused_data
        while rest:
            if rest.count(0) != len(rest):
                # Some readers go on with a second gzip stream, others stop, and they see different files.
                raise bad_tar("there is data after the end of its gzip stream.")
            rest = self._file.read(_COMPRESSED_CHUNK)

    def _piece(self, length: int) -> bytes:
        """Some bytes, at most ``length``; none at the end of the gzip stream."""
        if self._used == len(self._buffer):
            self._buffer, self._used = self._inflate(), 0
        piece = self._buffer[self._used : self._used + length]
        self._used += len(piece)
        self.position += len(piece)
        return piece

    def _inflate(self) -> bytes:
        while not self._inflater.eof:
            if not self._input:
                self._input = self._file.read(_COMPRESSED_CHUNK)
                at_end = not self._input
            else:
                at_end = False
            try:
                data = self._inflater.decompress(self._input, _CHUNK)
            except zlib.error:
                raise bad_tar("its compressed data is damaged.") from None
            self._input = self._inflater.unconsumed_tail
            self._produced += len(data)
            if self._produced > self.limits.total:
                raise bad_tar(f"it expands to more than {self.limits.total} bytes.")
            if time.monotonic() > self._deadline:
                raise bad_tar(f"it takes more than {self.limits.seconds:g} seconds to read.")
            if data:
                return data
            if at_end and not self._inflater.eof:
                raise bad_tar("it is truncated.")
        return b""


def _headers(stream: _Stream) -> Iterator[TarHeader]:
    """The headers of members, with what extended headers before them say put in."""
    overrides: dict[str, bytes] = {}
    everywhere: dict[str, bytes] = {}
    count = 0
    while (block := _next_block(stream)) is not None:
        count += 1
        if count > stream.limits.headers:
            raise bad_tar(f"it has more than {stream.limits.headers} members.")
        header = parse_header(block)
        if header.kind == tar_header.PAX_GLOBAL:
            everywhere |= _wanted(_extension(stream, header, stream.limits.extended_header))
        elif header.kind == tar_header.PAX:
            overrides = _joined(overrides, _wanted(_extension(stream, header, stream.limits.extended_header)))
        elif header.kind in (tar_header.GNU_NAME, tar_header.GNU_LINK):
            long = _extension(stream, header, stream.limits.name + 1).split(b"\0", 1)[0]
            overrides = _joined(overrides, {"path" if header.kind == tar_header.GNU_NAME else "linkpath": long})
        else:
            yield _overridden(header, everywhere | overrides)
            overrides = {}
    if overrides:
        raise bad_tar("it ends after an extended header.")


def _next_block(stream: _Stream) -> bytes | None:
    """The next header block, None at the end of the archive: a block of zeros, or of the stream."""
    block = stream.read_up_to(BLOCK)
    if len(block) == BLOCK:
        return block if block.count(0) != BLOCK else None
    if block:
        raise bad_tar("it is truncated.")
    return None


def _extension(stream: _Stream, header: TarHeader, limit: int) -> bytes:
    if header.size > limit:
        raise bad_tar(f"an extended header is larger than {limit} bytes.")
    return stream.read(header.size + -header.size % BLOCK)[: header.size]


def _wanted(data: bytes) -> dict[str, bytes]:
    """The few pax records that say what a member is; the others (times, owners, attributes) are passed over."""
    wanted = {}
    for keyword, value in parse_pax(data):
        if keyword.startswith("GNU.sparse.") or keyword == "SCHILY.realsize":
            raise bad_tar("it has a sparse member.")
        if keyword in ("path", "linkpath", "size"):
            wanted[keyword] = value
    return wanted


def _joined(first: dict[str, bytes], second: dict[str, bytes]) -> dict[str, bytes]:
    """What two extended headers of one member say; for some readers the first one counts, for others the last."""
    if any(first[key] != value for key, value in second.items() if key in first):
        raise bad_tar("two extended headers of one member contradict each other.")
    return first | second


def _overridden(header: TarHeader, overrides: dict[str, bytes]) -> TarHeader:
    if "size" in overrides and overrides["size"].lstrip(b"0") != str(header.size or "").encode():
        # Readers that miss one of the two sizes take content for headers. Only sizes above 8 GiB need the other.
        raise bad_tar(f"member {quoted(header.name)} has two different sizes.")
    name, link = overrides.get("path", header.name), overrides.get("linkpath", header.link)
    kind = header.kind
    if kind == tar_header.FILE and name.endswith(b"/"):
        kind = tar_header.DIRECTORY
        if header.size:
            raise bad_tar(f"member {quoted(name)} is a link or directory with content.")
    return header._replace(name=name, kind=kind, link=link)


def _path(name: bytes, limits: Limits) -> str:
    """The name as a path; refuses what an installer would refuse to extract."""
    if not name or b"\0" in name or len(name) > limits.name:
        raise bad_tar(f"the name of member {quoted(name)} is empty, too long or malformed.")
    path = name.decode("utf-8", "backslashreplace")
    if leaves_archive(path):
        raise bad_tar(f"the path of member {quoted(name)} leads outside the archive.")
    return path.rstrip("/")


def _ends_like_zip(file: BinaryIO) -> bool:
    """Whether a ZIP reader finds a plausible end record where it looks for one: in the last 64 KiB."""
    size = file.seek(0, os.SEEK_END)
    start = file.seek(max(0, size - 65535 - 22))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        record = tail[at : at + 22]
        if len(record) == 22 and record[4:8] == b"\0" * 4 and record[8:10] == record[10:12]:
            directory, offset = int.from_bytes(record[12:16], "little"), int.from_bytes(record[16:20], "little")
            if directory + offset <= start + at or 0xFFFFFFFF in (directory, offset):
                return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False
