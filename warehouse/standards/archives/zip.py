"""ZIP files that a central-directory reader and a streaming reader see alike, walked record by record."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Self

from warehouse.standards.archives import zip_records as records
from warehouse.standards.archives.refusal import invalid_file, quoted
from warehouse.standards.archives.tar_header import is_tar_header
from warehouse.standards.archives.zip_records import Entry, not_accepted

MAX_MEMBERS = 200_000
MAX_NAMES = 32 * 2**20  # bytes of all names together: they are what is kept in memory
BOMB_SIZE = 64 * 2**20
BOMB_RATIO = 50

_WINDOW = 8192
_CHUNK = 256 * 1024


class ZipMember(NamedTuple):
    """A member of a ZIP file; sizes are bytes, ``data_offset`` is where its compressed data begins."""

    name: str
    size: int
    compressed_size: int
    method: int
    crc: int
    data_offset: int

    @property
    def is_directory(self) -> bool:
        return self.name.endswith("/")


class ZipArchive:
    """An accepted ZIP file, open for reading; ``members`` by name in the order of the central directory.

    Opening walks every record and refuses with `BadArchive` what two readers could see differently, compression
    bombs by declared size, and files that are a tar archive as well. Member data is not touched until it is read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by close()
        try:
            self.members = _walk(_Source(self._file))
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def read(self, name: str, *, limit: int) -> bytes:
        """The content of a member of at most ``limit`` bytes; refuses what is larger, damaged or lies about its size.

        Raises KeyError when there is no such member.
        """
        member = self.members[name]
        if member.size > limit:
            raise invalid_file(f"Member {quoted(name)} is larger than {limit} bytes.")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member in pieces; the refusal of a damaged one comes after its last piece."""
        member = self.members[name]
        size = crc = 0
        for chunk in _inflated(self._file, member) if member.method == records.DEFLATED else _raw(self._file, member):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            if size > member.size:
                raise invalid_file(f"Member {quoted(name)} is larger than it declares.")
            yield chunk
        if size < member.size or crc != member.crc:
            raise invalid_file(f"Member {quoted(name)} is damaged.")


def members(path: str | os.PathLike[str]) -> Iterator[ZipMember]:
    """The members of a ZIP file after the whole of it was accepted, in the order of the central directory."""
    with ZipArchive(path) as archive:
        yield from archive.members.values()


@dataclass
class _Source:
    """Bytes at an offset, through a small window so that neighbouring records cost one read."""

    file: BinaryIO

    def __post_init__(self) -> None:
        self.size = self.file.seek(0, os.SEEK_END)
        self._start = 0
        self._window = b""

    def at(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes; refuses a file that ends before."""
        begin = offset - self._start
        if begin < 0 or begin + length > len(self._window):
            if offset + length > self.size:
                raise not_accepted("it is truncated.")
            self.file.seek(offset)
            self._start, begin = offset, 0
            self._window = self.file.read(max(length, _WINDOW))
            if len(self._window) < length:
                raise not_accepted("it is truncated.")
        return self._window[begin : begin + length]


def _walk(source: _Source) -> dict[str, ZipMember]:
    if source.size >= 512 and is_tar_header(source.at(0, 512)):
        raise invalid_file("It is a ZIP file and a tar file at once.")
    local, directory = _local_members(source)
    members, end = _central_members(source, directory, local)
    _check_end(source, end, records.End(len(members), end - directory, directory, 0))
    total = sum(member.size for member in members.values())
    if total > BOMB_SIZE and total > BOMB_RATIO * source.size:
        raise invalid_file(
            f"It expands to more than {BOMB_RATIO} times its size, like a decompression bomb. Leave out generated data."
        )
    return members


def _local_members(source: _Source) -> tuple[dict[bytes, tuple[Entry, int]], int]:
    """Local members by name with where they begin, and where the first other record begins."""
    found: dict[bytes, tuple[Entry, int]] = {}
    offset = names = 0
    while (signature := source.at(offset, 4)) == records.LOCAL:
        fixed = source.at(offset, records.LOCAL_SIZE)
        length = records.local_lengths(fixed)
        entry = records.local_header(fixed, source.at(offset + records.LOCAL_SIZE, length))
        if entry.name in found:
            raise not_accepted(f"member {quoted(entry.name)} is there twice.")
        if entry.method == records.STORED and entry.size != entry.compressed_size:
            raise not_accepted(f"the sizes of stored member {quoted(entry.name)} differ.")
        found[entry.name] = entry._replace(offset=offset), offset + records.LOCAL_SIZE + length
        names += len(entry.name)
        if len(found) > MAX_MEMBERS or names > MAX_NAMES:
            raise not_accepted(f"it has more than {MAX_MEMBERS} members, or too long names.")
        offset += records.LOCAL_SIZE + length + entry.compressed_size
        if offset > source.size:
            raise not_accepted(f"it is truncated in member {quoted(entry.name)}.")
    if offset == 0 and signature not in (records.CENTRAL, records.END64, records.END):
        raise not_accepted("it does not begin with a ZIP record. Remove what precedes the archive.")
    return found, offset


def _central_members(
    source: _Source, offset: int, local: dict[bytes, tuple[Entry, int]]
) -> tuple[dict[str, ZipMember], int]:
    """Members by the central directory, each the same as its local header, and where the directory ends."""
    members: dict[str, ZipMember] = {}
    while (signature := source.at(offset, 4)) == records.CENTRAL:
        fixed = source.at(offset, records.CENTRAL_SIZE)
        length = records.central_lengths(fixed)
        entry = records.central_entry(fixed, source.at(offset + records.CENTRAL_SIZE, length))
        name = entry.name.decode()
        if name in members:
            raise not_accepted(f"member {quoted(name)} is twice in the central directory.")
        if entry.name not in local:
            raise not_accepted(f"member {quoted(name)} of the central directory is not in the archive.")
        header, data_offset = local.pop(entry.name)
        _check_same(entry, header)
        members[name] = ZipMember(name, entry.size, entry.compressed_size, entry.method, entry.crc, data_offset)
        offset += records.CENTRAL_SIZE + length
    if signature not in (records.END64, records.END):
        raise not_accepted(f"there is an unknown or misplaced record at offset {offset}.")
    if local:
        raise not_accepted(f"member {quoted(next(iter(local)))} is not in the central directory.")
    return members, offset


def _check_same(entry: Entry, header: Entry) -> None:
    if entry == header:
        return
    if (entry.size, entry.compressed_size) != (header.size, header.compressed_size):
        raise not_accepted(f"member {quoted(entry.name)} has another size in the central directory.")
    if entry.offset != header.offset:
        # The directory would lead to another header, hidden in the data of some member.
        raise not_accepted(f"member {quoted(entry.name)} is not where the central directory says.")
    raise not_accepted(f"member {quoted(entry.name)} differs from its central directory entry.")


def _check_end(source: _Source, offset: int, real: records.End) -> None:
    """Walk what follows the central directory, to the last byte of the file."""
    signature = source.at(offset, 4)
    has_zip64 = signature == records.END64
    if has_zip64:
        end64 = records.end64_record(source.at(offset, records.END64_SIZE))
        records.check_end(end64, real, record="ZIP64 end record", has_zip64=False)
        locator = offset + records.END64_SIZE
        if source.at(locator, 4) != records.LOCATOR64:
            raise not_accepted("its ZIP64 end record is not followed by a locator.")
        if records.locator64_offset(source.at(locator, records.LOCATOR64_SIZE)) != offset:
            raise not_accepted("its ZIP64 locator does not lead to the ZIP64 end record.")
        offset = locator + records.LOCATOR64_SIZE
        signature = source.at(offset, 4)
    if signature != records.END:
        raise not_accepted(f"there is an unknown or misplaced record at offset {offset}.")
    if not has_zip64 and _seems_zip64(source, offset):
        raise not_accepted("the end of its central directory looks like a ZIP64 locator.")
    end = records.end_record(source.at(offset, records.END_SIZE))
    records.check_end(end, real, record="end record", has_zip64=has_zip64)
    offset += records.END_SIZE
    if offset + end.comment != source.size:
        what = "is truncated" if offset + end.comment > source.size else "has data after its end"
        raise not_accepted(f"it {what}.")
    if records.END in source.at(offset, end.comment):
        # Readers look for the end record from the back, and would find this one.
        raise not_accepted("its comment holds another end record.")


def _seems_zip64(source: _Source, offset: int) -> bool:
    """Readers look for the locator at a fixed distance before the end record, whatever else is there."""
    before = offset - records.LOCATOR64_SIZE
    return before >= 0 and source.at(before, 4) == records.LOCATOR64


def _raw(file: BinaryIO, member: ZipMember) -> Iterator[bytes]:
    """The data of a member as it is in the file."""
    offset, left = member.data_offset, member.compressed_size
    while left:
        file.seek(offset)  # again for each piece: two members may be read in turn
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise not_accepted("it is truncated.")
        offset, left = offset + len(chunk), left - len(chunk)
        yield chunk


def _inflated(file: BinaryIO, member: ZipMember) -> Iterator[bytes]:
    """The data of a member decompressed, never more than one piece at a time."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in _raw(file, member):
            if inflater.eof:
                raise invalid_file(f"Member {quoted(member.name)} is damaged.")
            while chunk:
                yield inflater.decompress(chunk, _CHUNK)
                chunk = inflater.unconsumed_tail
        while not inflater.eof and (rest := inflater.decompress(b"", _CHUNK)):
            yield rest
    except zlib.error:
        raise invalid_file(f"Member {quoted(member.name)} is damaged.") from None
    if not inflater.eof or inflater.unused_data:
        raise invalid_file(f"Member {quoted(member.name)} is damaged.")
