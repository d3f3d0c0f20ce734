"""The records a ZIP file consists of, parsed strictly (APPNOTE 4.3), one function per record."""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from warehouse.standards.archives.refusal import BadArchive, invalid_file, leaves_archive, quoted

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
END64 = b"PK\x06\x06"
LOCATOR64 = b"PK\x06\x07"

LOCAL_SIZE, CENTRAL_SIZE, END_SIZE, END64_SIZE, LOCATOR64_SIZE = 30, 46, 22, 56, 20

STORED, DEFLATED = 0, 8

ENCRYPTED, DATA_DESCRIPTOR, PATCH, STRONG_ENCRYPTION, UTF8, MASKED = (1 << bit for bit in (0, 3, 5, 6, 11, 13))
MEANINGFUL_FLAGS = ENCRYPTED | DATA_DESCRIPTOR | PATCH | STRONG_ENCRYPTION | UTF8 | MASKED

# The newest version of the format there is (APPNOTE 4.4.3.2), times ten. Readers do not open what needs a newer one.
MAX_VERSION = 63

# Longer than any file system takes, so no installer can have a use for it.
MAX_NAME = 4096

_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_IN_ZIP64 = 0xFFFFFFFF
_COUNT_IN_ZIP64 = 0xFFFF

_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_END64 = struct.Struct("<4sQHHLLQQQQ")
_LOCATOR64 = struct.Struct("<4sLQL")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Entry(NamedTuple):
    """What a local header or a central directory entry says of a member; sizes are bytes, ZIP64 resolved.

    ``offset`` is where the central directory says the local header is; a local header itself does not know (0).
    """

    name: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    offset: int


class End(NamedTuple):
    """An end-of-central-directory record; ``comment`` is the length of what follows it (0 for ZIP64)."""

    members: int
    directory_size: int
    directory_offset: int
    comment: int


def not_accepted(reason: str) -> BadArchive:
    """A refusal by the rules that make every reader see the same members."""
    return invalid_file(f"ZIP archive not accepted: {reason}")


def local_lengths(fixed: bytes) -> int:
    """The length of name and extra fields after the fixed part of a local header."""
    return int.from_bytes(fixed[26:28], "little") + int.from_bytes(fixed[28:30], "little")


def central_lengths(fixed: bytes) -> int:
    """The length of name, extra fields and comment after the fixed part of a central directory entry."""
    return sum(int.from_bytes(fixed[at : at + 2], "little") for at in (28, 30, 32))


def local_header(fixed: bytes, variable: bytes) -> Entry:
    """A local file header."""
    _, version, flags, method, _, _, crc, compressed_size, size, name_length, _ = _LOCAL.unpack(fixed)
    name, extra = variable[:name_length], variable[name_length:]
    _check_name(name, flags)
    _check_features(name, version, flags)
    _check_method(name, method)
    fields = [size, compressed_size]
    _resolve(fields, name, extra, method)
    return Entry(name, flags & MEANINGFUL_FLAGS, method, crc, fields[1], fields[0], 0)


def central_entry(fixed: bytes, variable: bytes) -> Entry:
    """A file header of the central directory."""
    parts = _CENTRAL.unpack(fixed)
    _, _, version, flags, method, _, _, crc, compressed_size, size, name_length, extra_length = parts[:12]
    comment, disk, _, _, at = parts[12:]
    name, extra = variable[:name_length], variable[name_length : name_length + extra_length]
    _check_name(name, flags)
    _check_features(name, version, flags)
    if comment:
        raise not_accepted(f"member {quoted(name)} has a comment.")
    fields = [size, compressed_size, at]
    _resolve(fields, name, extra, method)
    if disk:
        raise not_accepted(f"member {quoted(name)} claims to be on another disk.")
    return Entry(name, flags & MEANINGFUL_FLAGS, method, crc, fields[1], fields[0], fields[2])


def end_record(data: bytes) -> End:
    """The end-of-central-directory record, its comment left out."""
    _, disk, directory_disk, here, count, size, offset, comment = _END.unpack(data)
    if here != count:
        raise not_accepted("its end record counts members on other disks.")
    if disk or directory_disk:
        raise not_accepted("its end record tells of other disks.")
    return End(count, size, offset, comment)


def end64_record(data: bytes) -> End:
    """The ZIP64 end-of-central-directory record."""
    _, length, _, _, disk, directory_disk, here, count, size, offset = _END64.unpack(data)
    if length != END64_SIZE - 12:
        raise not_accepted("its ZIP64 end record holds extensible data.")
    if here != count:
        raise not_accepted("its ZIP64 end record counts members on other disks.")
    if disk or directory_disk:
        raise not_accepted("its ZIP64 end record tells of other disks.")
    return End(count, size, offset, 0)


def locator64_offset(data: bytes) -> int:
    """Where the ZIP64 locator says the ZIP64 end record is."""
    _, disk, offset, disks = _LOCATOR64.unpack(data)
    if disk or disks > 1:
        raise not_accepted("its ZIP64 locator tells of other disks.")
    return offset


def check_end(said: End, real: End, *, record: str, has_zip64: bool) -> None:
    """Refuse an end record whose numbers are not reality (or, with ZIP64, the mark that says "look there")."""
    marks = (_COUNT_IN_ZIP64, _IN_ZIP64, _IN_ZIP64)
    whats = ("number of members", "directory size", "directory offset")
    for what, value, truth, mark in zip(whats, said, real, marks, strict=False):
        if value != truth and not (has_zip64 and value == mark):
            raise not_accepted(f"the {what} in its {record} is {value}, but is {truth}.")


def _check_name(name: bytes, flags: int) -> None:
    if not name:
        raise not_accepted("a member has no name.")
    if len(name) > MAX_NAME:
        raise not_accepted(f"the name of member {quoted(name)} is longer than {MAX_NAME} bytes.")
    if _CONTROL.search(name):
        raise not_accepted(f"the name of member {quoted(name)} holds control characters.")
    if not name.isascii() and not flags & UTF8:
        # Readers take such a name for CP437 or for UTF-8, and see different files.
        _utf8(name)
        raise not_accepted(f"the name of member {quoted(name)} is not marked as UTF-8.")
    if leaves_archive(_utf8(name)):
        raise not_accepted(f"the path of member {quoted(name)} leads outside the archive.")


def _check_features(name: bytes, version: int, flags: int) -> None:
    if flags & DATA_DESCRIPTOR:
        raise not_accepted(f"member {quoted(name)} has a data descriptor. Write the archive to a seekable file.")
    if flags & (ENCRYPTED | STRONG_ENCRYPTION | MASKED):
        raise not_accepted(f"member {quoted(name)} is encrypted.")
    if flags & PATCH or version & 0xFF > MAX_VERSION:
        raise not_accepted(f"member {quoted(name)} needs a reader newer than there are.")


def _check_method(name: bytes, method: int) -> None:
    if method not in (STORED, DEFLATED):
        raise invalid_file(f"Member {quoted(name)} has compression method {method}; use only stored or deflate.")


def _utf8(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise not_accepted(f"the name of member {quoted(name)} is not UTF-8.") from None


def _resolve(fields: list[int], name: bytes, extra: bytes, method: int) -> None:
    """Check the extra fields and put the numbers of the ZIP64 one, if any, in their places in ``fields``."""
    zip64 = _zip64_field(name, extra) if extra else None
    marked = [at for at, value in enumerate(fields) if value == _IN_ZIP64]
    if zip64 is None:
        if marked:
            raise not_accepted(f"member {quoted(name)} lacks the ZIP64 field that should hold its sizes.")
        return
    _check_zip64_length(name, zip64, marked, method)
    numbers = [value for (value,) in struct.iter_unpack("<Q", zip64[: len(zip64) // 8 * 8])]
    if len(zip64) == 28 and any(zip64[24:]):
        raise not_accepted(f"member {quoted(name)} claims to be on another disk.")
    if marked == [0, 1] and len(numbers) == 1:
        numbers *= 2  # a stored member has one size
    if len(numbers) < len(marked):
        raise not_accepted(f"the ZIP64 field of member {quoted(name)} is too short.")
    if len(numbers) == len(marked):
        for at, number in zip(marked, numbers, strict=True):
            fields[at] = number
        return
    # More numbers than marks: readers disagree on which is which, unless they all say the same.
    for at, number in enumerate(numbers[: len(fields)]):
        if fields[at] not in (number, _IN_ZIP64):
            raise not_accepted(f"the ZIP64 field of member {quoted(name)} contradicts its header.")
        fields[at] = number


def _check_zip64_length(name: bytes, zip64: bytes, marked: list[int], method: int) -> None:
    if len(zip64) not in (0, 8, 16, 24, 28):
        raise not_accepted(f"the ZIP64 field of member {quoted(name)} has a length of {len(zip64)}.")
    if not zip64 and marked:
        raise not_accepted(f"the ZIP64 field of member {quoted(name)} is empty, but its sizes refer to it.")
    if len(zip64) == 8 and method != STORED:
        raise not_accepted(f"the ZIP64 field of member {quoted(name)} holds one size, but the member is compressed.")


def _zip64_field(name: bytes, extra: bytes) -> bytes | None:
    """The ZIP64 extra field, None without one; refuses malformed, doubled and contradicting fields."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(extra):
        kind, length = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        field = extra[at + 4 : at + 4 + length]
        if len(extra) - at < 4 or len(field) != length:
            raise not_accepted(f"the extra fields of member {quoted(name)} are malformed.")
        if kind in (_ZIP64, _UNICODE_PATH):
            if kind in found:
                label = "ZIP64" if kind == _ZIP64 else "Unicode path"
                raise not_accepted(f"member {quoted(name)} has more than one {label} field.")
            found[kind] = field
        at += 4 + length
    if _UNICODE_PATH in found:
        _check_unicode_path(name, found[_UNICODE_PATH])
    return found.get(_ZIP64)


def _check_unicode_path(name: bytes, field: bytes) -> None:
    path = field[5:]
    if len(field) < 5 or field[0] != 1:
        raise not_accepted(f"the Unicode path of member {quoted(name)} is malformed.")
    if _CONTROL.search(path):
        raise not_accepted(f"the Unicode path of member {quoted(name)} holds control characters.")
    try:
        path.decode()
    except UnicodeDecodeError:
        raise not_accepted(f"the Unicode path of member {quoted(name)} is not UTF-8.") from None
    if path != name:
        # Some readers take this name and some the other.
        raise not_accepted(f"the Unicode path of member {quoted(name)} is another name.")
