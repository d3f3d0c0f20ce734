"""One gzip member (RFC 1952) put together from segments that were compressed apart."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LEVEL = 6
# No name, no time (equal content gives equal bytes), made on an unknown system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_EMPTY_FINAL_BLOCK = b"\x03\x00"

_POLYNOMIAL = 0xEDB88320  # CRC-32, bits reflected: the highest bit is the coefficient of x^0
_ONE = 0x80000000


@dataclass(frozen=True, slots=True)
class Plain:
    """Text whose checksum can be combined with those of others.

    ``shift`` is x^(8 * size) modulo the CRC's polynomial: what multiplying by it does to the CRC of everything before
    is what the bytes of this text would do if they were zero.
    """

    text: bytes
    crc: int
    size: int
    shift: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Compressed text that stands anywhere in a gzip member.

    ``deflated`` ends at a byte boundary and refers to nothing before it; the rest is that of a :class:`Plain`.
    """

    deflated: bytes
    crc: int
    size: int
    shift: int


def plain(text: bytes) -> Plain:
    """Text with its checksum."""
    return Plain(text, zlib.crc32(text), len(text), _power_of_x(8 * len(text)))


def segment(text: bytes) -> Segment:
    """Compress ``text`` by itself."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = compressor.compress(text) + compressor.flush(zlib.Z_FULL_FLUSH)
    return Segment(deflated, zlib.crc32(text), len(text), _power_of_x(8 * len(text)))


def checksum(parts: Iterable[Plain | Segment]) -> tuple[int, int]:
    """CRC-32 and size of the texts, one after the other; reads none of them."""
    crc = size = 0
    for part in parts:
        crc = _multiply(part.shift, crc) ^ part.crc
        size += part.size
    return crc, size


def member(segments: Iterable[Segment]) -> bytes:
    """The gzip file whose content is that of the segments, one after the other.

    It is a single member: some decoders stop after the first. Compresses nothing and reads no text again.
    """
    return b"".join(pieces(segments))


def pieces(segments: Iterable[Segment]) -> Iterator[bytes]:
    """The same file in pieces that take no memory of their own."""
    yield _HEADER
    crc = size = 0
    for each in segments:
        yield each.deflated
        crc = _multiply(each.shift, crc) ^ each.crc
        size += each.size
    yield _EMPTY_FINAL_BLOCK + struct.pack("<LL", crc, size & 0xFFFFFFFF)


def text_of(segment: Segment) -> bytes:
    """The text that was compressed."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(segment.deflated)


def _multiply(left: int, right: int) -> int:
    """The product of two polynomials over GF(2), modulo the CRC's polynomial."""
    product = 0
    while left:
        if left & _ONE:
            product ^= right
        left = (left << 1) & 0xFFFFFFFF
        right = (right >> 1) ^ _POLYNOMIAL if right & 1 else right >> 1
    return product


def _power_of_x(exponent: int) -> int:
    """x^exponent modulo the CRC's polynomial, by repeated squaring."""
    power, square = _ONE, _ONE >> 1
    while exponent:
        if exponent & 1:
            power = _multiply(square, power)
        square = _multiply(square, square)
        exponent >>= 1
    return power
