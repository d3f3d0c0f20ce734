"""What a username can be."""

from __future__ import annotations

import re

LONGEST = 50  # characters

_PATTERN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def is_username(name: str) -> bool:
    """ASCII letters, digits, ``.``, ``_`` and ``-``, with a letter or digit at both ends."""
    return len(name) <= LONGEST and _PATTERN.fullmatch(name) is not None
