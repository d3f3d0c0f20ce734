"""What strangers have given - names, labels, the names of their programs - made fit to stand in a mail."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from warehouse.infra.time_zones import time_zone

LONGEST = 4096
"""Characters of one value: the longest signed link fits, and nothing makes a mail grow without bound."""

# Characters that turn the direction of what follows, by which an address can be made to read like another one.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset(("Cc", "Cs", "Zl", "Zp"))


def one_line(text: str) -> str:
    """The text as a single line without control characters and without what turns the direction of reading."""
    kept = ("" if mark in _TURNING else " " if unicodedata.category(mark) in _UNSEEN else mark for mark in text)
    return " ".join("".join(kept).split())[:LONGEST]


def fit(value: Any) -> Any:
    """A value of a text's context, every string in it a single line."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {key: fit(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [fit(inner) for inner in value]
    return value


def moment(at: datetime, zone: str | None) -> str:
    """``2026-11-20 17:40 UTC``, on the clock of the person's time zone."""
    there = at.astimezone(time_zone(zone))
    return f"{there:%Y-%m-%d %H:%M} {there.tzname()}"
