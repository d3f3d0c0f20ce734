"""Core metadata as the archive holds it (METADATA in wheels, PKG-INFO in source distributions), read leniently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from packaging.metadata import parse_email

from warehouse.standards.metadata.fields import FIELDS, InvalidMetadata

LARGEST = 10 * 1024 * 1024
"""Bytes; larger metadata is refused unread."""

MOST_LINES = 20_000
"""Fields, counting each repetition; the largest known metadata has a tenth."""

MOST_NAMES = 200
"""Different field names: the parser goes through all fields once for each of them."""

_BLANK_LINE = re.compile(rb"(?:\A|(?>\r\n|\r|\n))(?>\r\n|\r|\n)")
_FIELD_NAME = re.compile(rb"(?:^|(?<=[\r\n]))([!-9;-~]+):")
_NEEDED = ("Metadata-Version", "Name", "Version", "Requires-Dist", "Requires-Python", "Provides-Extra")


@dataclass(frozen=True, slots=True)
class ArchiveMetadata:
    """What an archive says about itself, as written: nothing is checked or normalised; absent is None or empty."""

    metadata_version: str | None = None
    name: str | None = None
    version: str | None = None
    summary: str | None = None
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    provides_extra: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    license_expression: str | None = None
    license_files: tuple[str, ...] = ()
    import_names: tuple[str, ...] = ()
    import_namespaces: tuple[str, ...] = ()


def from_archive(raw: bytes) -> ArchiveMetadata:
    """Read the fields of a METADATA or PKG-INFO file; the description behind them is not looked at.

    Refuses with `InvalidMetadata`, and nothing else, what is larger than `LARGEST` or has too many fields, and fields
    installers act on that are not UTF-8 or, where that makes two readings possible, repeated.
    """
    if len(raw) > LARGEST:
        raise InvalidMetadata("Metadata-Version", f"The archive's metadata is larger than {LARGEST >> 20} MiB.")
    head = _head(raw)
    names = _FIELD_NAME.findall(head)
    if len(names) > MOST_LINES or len({name.lower() for name in names}) > MOST_NAMES:
        raise InvalidMetadata("Metadata-Version", "The archive's metadata has too many fields.")
    parsed, unread = parse_email(head)
    for needed in _NEEDED:
        if needed.lower() in unread:
            raise InvalidMetadata(needed, f"{needed} in the archive's metadata is repeated or is not UTF-8.")
    stated: dict[str, Any] = dict(parsed)
    kept: dict[str, Any] = {}
    for field in FIELDS:
        if field.attribute in ArchiveMetadata.__slots__ and field.attribute in stated:
            value = stated[field.attribute]
            kept[field.attribute] = tuple(value) if field.multiple else value
    return ArchiveMetadata(**kept)


def _head(raw: bytes) -> bytes:
    """Everything before the first empty line: what stands behind it cannot be a field, but can be costly to parse."""
    blank = _BLANK_LINE.search(raw)
    return raw if blank is None else raw[: blank.start()]
