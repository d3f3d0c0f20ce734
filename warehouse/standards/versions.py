"""Versions (PEP 440): one text for equal versions, and keys that databases can sort by."""

from __future__ import annotations

import re
from typing import NewType

from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version

CanonicalVersion = NewType("CanonicalVersion", str)
"""A version that went through `canonical`: equal versions (``1.0``, ``1.0.0``, ``v1``) have the same one."""

_LEGACY, _VALID = b"\x00", b"\x01"
_END = b"\x00"
_RANK_OF_PRE = {"a": b"\x01", "b": b"\x02", "rc": b"\x03"}
_LONG = 0xFF


def parse(text: str) -> Version:
    """The version a text stands for; raises `packaging.version.InvalidVersion` for anything else.

    CPython refuses to convert numbers of more than 4300 digits, and so does this.
    """
    try:
        return Version(text)
    except InvalidVersion:
        raise
    except ValueError as too_many_digits:
        raise InvalidVersion("The version holds a number with too many digits.") from too_many_digits


def canonical(text: str) -> CanonicalVersion:
    """The text that all equal versions share: normalised, without trailing zeros.

    Text that is no PEP 440 version stands for itself: old releases may be called anything.
    """
    try:
        return CanonicalVersion(canonicalize_version(parse(text)))
    except InvalidVersion:
        return CanonicalVersion(text)


def normalized_version(text: str) -> str:
    """The PEP 440 normal form, trailing zeros kept, as in file names (PEP 625); raises `InvalidVersion`."""
    return str(parse(text))


def is_prerelease(text: str) -> bool:
    """Whether installers pass over this version unless asked: it has a pre-release or a development segment (PEP 440).

    Some indexes look for the letters ``a``, ``b``, ``rc``, ``dev`` anywhere in the text instead. That differs for local
    versions only: ``1.0+abc`` is final. Text that is no PEP 440 version is no pre-release either.
    """
    try:
        return parse(text).is_prerelease
    except InvalidVersion:
        return False


def sort_key(text: str) -> bytes:
    """Bytes whose order, byte by byte, is the order of versions (PEP 440); equal versions have equal keys.

    Text that is no PEP 440 version comes before all versions, in the order people expect (``foo-2`` before ``foo-10``).
    The key is for comparing only: it says nothing about the text, and a change of its form means writing all keys anew.
    """
    try:
        version = parse(text)
    except InvalidVersion:
        return _LEGACY + _legacy_key(text)
    release = version.release
    while release and release[-1] == 0:
        release = release[:-1]
    return b"".join(
        (
            _VALID,
            _number(version.epoch),
            *map(_number, release),
            _END,
            _pre_key(version),
            _END if version.post is None else b"\x01" + _number(version.post),
            b"\x02" if version.dev is None else b"\x01" + _number(version.dev),
            _local_key(version.local),
        )
    )


def _pre_key(version: Version) -> bytes:
    """PEP 440 orders within a release: ``.devN, aN, bN, rcN, <no suffix>, .postN``."""
    if version.pre is not None:
        letter, number = version.pre
        return _RANK_OF_PRE[letter] + _number(number)
    if version.post is None and version.dev is not None:
        return b"\x00"
    return b"\x04"


def _local_key(local: str | None) -> bytes:
    """PEP 440: "the numeric section always compares as greater than the lexicographic segment"."""
    if local is None:
        return _END
    parts = (
        b"\x02" + _number(int(part)) if part.isdigit() else b"\x01" + part.encode() + _END for part in local.split(".")
    )
    return b"\x01" + b"".join(parts) + _END


def _number(value: int) -> bytes:
    """A number so that longer is greater and nothing is as small as `_END`."""
    return _sized(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _sized(digits: bytes) -> bytes:
    """Digits of any base, without leading zeros, behind their count plus one."""
    count = len(digits) + 1
    return (bytes((count,)) if count < _LONG else bytes((_LONG,)) + count.to_bytes(4, "big")) + digits


def _legacy_key(text: str) -> bytes:
    """Numbers by value, other text by letter; then the text itself, so that different texts have different keys."""
    pieces = re.split(r"([0-9]+)", text.strip().lower())
    words = [
        b"\x02" + _sized(piece.lstrip("0").encode())
        if index % 2
        else b"\x01" + piece.encode("utf-8", "surrogatepass") + _END
        for index, piece in enumerate(pieces)
    ]
    return b"".join(words) + _END + text.encode("utf-8", "surrogatepass")
