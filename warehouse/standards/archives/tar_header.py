"""The header blocks of a tar archive (POSIX ustar, GNU, pax), parsed strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from warehouse.standards.archives.refusal import BadArchive, invalid_file, quoted

BLOCK = 512

FILE, HARDLINK, SYMLINK, DIRECTORY = b"0", b"1", b"2", b"5"
PAX, PAX_GLOBAL, GNU_NAME, GNU_LINK, GNU_SPARSE = b"x", b"g", b"L", b"K", b"S"

_SAME_AS = {b"\0": FILE, b"7": FILE, b"X": PAX}
_SPECIAL = {b"3", b"4", b"6"}
_KNOWN = {FILE, HARDLINK, SYMLINK, DIRECTORY, PAX, PAX_GLOBAL, GNU_NAME, GNU_LINK}
_POSIX_MAGIC = b"ustar\0"
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*\Z")
_PAX_LENGTH = re.compile(rb"([1-9][0-9]{0,8}) ")


class TarHeader(NamedTuple):
    """One header block; ``size`` is the bytes of content that follow it."""

    name: bytes
    kind: bytes
    size: int
    link: bytes


def bad_tar(reason: str) -> BadArchive:
    """A refusal of a tar archive."""
    return invalid_file(f"TAR archive not accepted: {reason}")


def is_tar_header(block: bytes) -> bool:
    """Whether a tar reader would take these 512 bytes for a header, by its checksum."""
    said = _octal(block[148:156])
    if not said:
        return False
    blank = block[:148] + b" " * 8 + block[156:BLOCK]
    if said == sum(blank):
        return True
    return said == sum(byte - 256 if byte > 127 else byte for byte in blank)  # old writers added signed bytes


def parse_header(block: bytes) -> TarHeader:
    """One header; refuses damage, devices, sparse members, and what tar readers are known to disagree on."""
    if not is_tar_header(block):
        raise bad_tar("a header is damaged.")
    name, link = _string(block[:100]), _string(block[157:257])
    kind = _SAME_AS.get(block[156:157], block[156:157])
    if prefix := _string(block[345:500]):
        if block[257:263] != _POSIX_MAGIC:
            raise bad_tar(f"the header of member {quoted(name)} mixes formats.")
        name = prefix + b"/" + name
    if kind == FILE and name.endswith(b"/") and block[156:157] != FILE:
        kind = DIRECTORY  # how archives before POSIX marked directories; later ones may just have cut a long name there
    if kind == GNU_SPARSE:
        raise bad_tar(f"member {quoted(name)} is sparse.")
    if kind in _SPECIAL:
        raise bad_tar(f"member {quoted(name)} is a device or a FIFO.")
    if kind not in _KNOWN:
        raise bad_tar(f"member {quoted(name)} is of an unknown type.")
    size = _number(block[124:136])
    if size is None:
        raise bad_tar(f"the size of member {quoted(name)} is malformed.")
    if size and kind in (HARDLINK, SYMLINK, DIRECTORY):
        # Some readers skip that much content, others take it for the next header.
        raise bad_tar(f"member {quoted(name)} is a link or directory with content.")
    return TarHeader(name, kind, size, link)


def parse_pax(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The records of a pax extended header: "%d %s=%s\\n", <length>, <keyword>, <value>."""
    at = 0
    while at < len(data):
        if data[at] == 0 and not data[at:].strip(b"\0"):
            return  # padding counted as content, as some writers do
        match = _PAX_LENGTH.match(data, at)
        end = at + int(match[1]) if match else 0
        if match is None or end > len(data) or data[end - 1 : end] != b"\n" or end <= match.end():
            raise bad_tar("an extended header is malformed.")
        keyword, equals, value = data[match.end() : end - 1].partition(b"=")
        if not equals or not keyword:
            raise bad_tar("an extended header is malformed.")
        yield keyword.decode("utf-8", "backslashreplace"), value
        at = end


def _string(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]


def _octal(field: bytes) -> int | None:
    """A number in octal digits, 0 when blank, None when malformed."""
    match = _OCTAL.match(field)
    return int(match[1] or b"0", 8) if match else None


def _number(field: bytes) -> int | None:
    """A number in octal, or in GNU's base 256 marked by the first bit; None when malformed or negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _octal(field)
