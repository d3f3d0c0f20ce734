"""Project names: which are valid, when two are the same, when two look alike, and which Python itself has taken."""

from __future__ import annotations

import re
from typing import NewType

from warehouse.standards.stdlib_names import STANDARD_LIBRARY

NormalizedName = NewType("NormalizedName", str)
"""A name that went through `normalize`: two spellings of one project have the same one."""

_VALID = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE | re.ASCII)
_LOOKALIKE = str.maketrans("lLiIoO", "111100", "._-")


def normalize(name: str) -> NormalizedName:
    """The form two spellings of one project share.

    PEP 503: "The name should be lowercased with all runs of the characters ., -, or _
    replaced with a single - character."
    """
    return NormalizedName(re.sub(r"[-_.]+", "-", name).lower())


def is_valid_name(name: str) -> bool:
    """Whether a project may be called this.

    Core metadata, Name: "A valid name consists only of ASCII letters and numbers, period, underscore and hyphen. It
    must start and end with a letter or number." The whole text has to match, so a line break at the end is refused.
    """
    return _VALID.fullmatch(name) is not None


def lookalike(name: str) -> str:
    """The form that names share when people mistake one for the other.

    Separators are dropped, ``l`` and ``i`` read as ``1``, ``o`` reads as ``0``: ``Pi_llow`` and ``p1l-low`` are alike.
    """
    return name.translate(_LOOKALIKE).lower()


def is_standard_library(name: NormalizedName) -> bool:
    """Whether a module of the standard library of any Python since 2.6 normalises to this name."""
    return name in STANDARD_LIBRARY
