"""CBOR (RFC 8949) as authenticators write it: the part of it that is safe to decode and write again.

CTAP2 allows authenticators no tags, no indefinite lengths and four levels. A decoder that follows tags from a stranger
can be made to build, out of two hundred bytes, what takes hours to write again.
"""

from __future__ import annotations

DEEPEST = 4  # levels: "limited to at most four (4) levels of any combination of CBOR maps and/or CBOR arrays"

_BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(2, 7)


class NotPlain(ValueError):
    """This is no CBOR, or more of it than authenticators may write."""


def check_plain(data: bytes, start: int = 0) -> None:
    """Refuse with :class:`NotPlain` unless everything from ``start`` on is items of that kind, one after the other."""
    while start < len(data):
        start = end_of_item(data, start)


def end_of_item(data: bytes, start: int, *, levels: int = DEEPEST) -> int:
    """Where the item ends that begins at ``start``; refuses with :class:`NotPlain`."""
    kind, argument, position = _head(data, start)
    if kind in (_BYTES, _TEXT):
        position += argument
    elif kind in (_ARRAY, _MAP):
        if not levels:
            raise NotPlain("nested too deeply")
        for _ in range(argument * 2 if kind == _MAP else argument):
            position = end_of_item(data, position, levels=levels - 1)
    elif kind == _TAG:
        raise NotPlain("a tag")
    if position > len(data):
        raise NotPlain("cut short")
    return position


def _head(data: bytes, start: int) -> tuple[int, int, int]:
    """The item's kind, its argument, and where its content begins."""
    if start >= len(data):
        raise NotPlain("cut short")
    kind, argument = divmod(data[start], 32)
    position = start + 1
    if argument < 24:
        return kind, argument, position
    if argument > 27:
        raise NotPlain("of no definite length")
    size = 1 << (argument - 24)
    return kind, int.from_bytes(data[position : position + size], "big"), position + size
