"""A ZIP writer that says exactly what it is told to, true or not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

MARK = 0xFFFFFFFF
UTF8 = 1 << 11


def field(kind: int, content: bytes) -> bytes:
    """An extra field."""
    return struct.pack("<HH", kind, len(content)) + content


def zip64(*numbers: int, disk: int | None = None) -> bytes:
    """A ZIP64 extra field of these numbers."""
    tail = b"" if disk is None else struct.pack("<L", disk)
    return field(1, struct.pack(f"<{len(numbers)}Q", *numbers) + tail)


def unicode_path(path: bytes, *, version: int = 1) -> bytes:
    """An Info-ZIP Unicode path extra field."""
    return field(0x7075, struct.pack("<BL", version, zlib.crc32(path)) + path)


@dataclass(frozen=True)
class Header:
    """What a local header or a central directory entry is to say; None: what is true."""

    name: bytes | None = None
    flags: int = 0
    method: int | None = None
    crc: int | None = None
    compressed_size: int | None = None
    size: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    disk: int = 0
    offset: int | None = None
    version: int = 20


@dataclass(frozen=True)
class Part:
    """A member: its true content, and what is said of it in either place (``local=None``: no local record)."""

    name: bytes = b"a.txt"
    content: bytes = b"hello"
    method: int = 0
    raw: bytes | None = None
    local: Header | None = Header()
    central: Header | None = Header()

    def both(self, **said: object) -> Self:
        """The same statement in both places."""
        assert self.local
        assert self.central
        return replace(self, local=replace(self.local, **said), central=replace(self.central, **said))  # type: ignore[arg-type]

    @property
    def data(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.method == 8:
            compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
            return compressor.compress(self.content) + compressor.flush()
        return self.content


@dataclass(frozen=True)
class EndSays:
    """What the end records are to say; None: what is true."""

    disk: int = 0
    here: int | None = None
    count: int | None = None
    directory_size: int | None = None
    directory_offset: int | None = None
    comment: bytes = b""
    comment_length: int | None = None


@dataclass(frozen=True)
class End64Says:
    """What the ZIP64 end record and its locator are to say; None: what is true."""

    size: int = 44
    disk: int = 0
    here: int | None = None
    count: int | None = None
    directory_size: int | None = None
    directory_offset: int | None = None
    locator: bool = True
    locator_offset: int | None = None
    disks: int = 1


def _true(said: int | None, truth: int) -> int:
    return truth if said is None else said


def _common(part: Part, said: Header) -> bytes:
    data = part.data
    return struct.pack(
        "<HHHHLLL",
        said.flags,
        _true(said.method, part.method),
        0,
        33,
        _true(said.crc, zlib.crc32(part.content)),
        _true(said.compressed_size, len(data)),
        _true(said.size, len(part.content)),
    )


def write_zip(
    parts: Sequence[Part],
    *,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    end: EndSays | None = EndSays(),
    end64: End64Says | None = None,
    trailing: bytes = b"",
) -> bytes:
    """The archive, byte by byte."""
    out = bytearray(prefix)
    offsets = []
    for part in parts:
        offsets.append(len(out))
        if part.local is not None:
            name = part.name if part.local.name is None else part.local.name
            out += b"PK\3\4" + struct.pack("<H", part.local.version) + _common(part, part.local)
            out += struct.pack("<HH", len(name), len(part.local.extra)) + name + part.local.extra + part.data
    out += before_directory
    directory = len(out)
    for part, offset in zip(parts, offsets, strict=True):
        if (said := part.central) is not None:
            name = part.name if said.name is None else said.name
            out += b"PK\1\2" + struct.pack("<HH", 20, said.version) + _common(part, said)
            out += struct.pack("<HHHHHL", len(name), len(said.extra), len(said.comment), said.disk, 0, 0)
            out += struct.pack("<L", _true(said.offset, offset)) + name + said.extra + said.comment
    count, size = sum(part.central is not None for part in parts), len(out) - directory
    if end64 is not None:
        out += _end64(end64, len(out), count, size, directory)
    if end is not None:
        out += b"PK\5\6" + struct.pack(
            "<HHHH", end.disk, 0, _true(end.here, _true(end.count, count)), _true(end.count, count)
        )
        out += struct.pack("<LL", _true(end.directory_size, size), _true(end.directory_offset, directory))
        out += struct.pack("<H", _true(end.comment_length, len(end.comment))) + end.comment
    return bytes(out + trailing)


def _end64(says: End64Says, here: int, count: int, size: int, directory: int) -> bytes:
    record = b"PK\6\6" + struct.pack("<QHHLL", says.size, 45, 45, says.disk, 0)
    record += struct.pack("<QQ", _true(says.here, _true(says.count, count)), _true(says.count, count))
    record += struct.pack("<QQ", _true(says.directory_size, size), _true(says.directory_offset, directory))
    record += b"\0" * (says.size - 44)
    if says.locator:
        record += b"PK\6\7" + struct.pack("<LQL", 0, _true(says.locator_offset, here), says.disks)
    return record
