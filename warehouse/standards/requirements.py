"""What the dependencies of a release come down to: which projects, in which versions, and with which extra."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from warehouse.standards.names import NormalizedName, normalize

MOST = 1000
"""Requirements of one release that are looked at."""

LONGEST_NAME = 200
"""Characters. Nothing that is called longer can be a project, and no index of the database would take it."""

_LONGEST = 2000  # characters of a requirement
_LONGEST_SPECIFIER = 300
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']|["']([^"']*)["']\s*==\s*extra\b""")


class Need(NamedTuple):
    """A project that is required, always or with one ``extra``; both are normalized, the extra may be empty."""

    name: NormalizedName
    extra: str


def needs(requires_dist: Iterable[str], *, of: NormalizedName) -> Mapping[Need, str]:
    """What a release of the project ``of`` requires, each with its version specifiers.

    Where one project is required with different specifiers, such as for different Pythons, all of them are named:
    ``<2 | >=2``. Left out is what cannot be understood, as old releases hold it, and what a project requires of itself.
    """
    found: dict[Need, dict[str, None]] = {}
    for text in list(requires_dist)[:MOST]:
        for need, specifier in _needs(text):
            if need.name != of:
                found.setdefault(need, {})[specifier] = None
    return {need: _together(list(specifiers)) for need, specifiers in found.items()}


@lru_cache(maxsize=16384)
def _needs(text: str) -> tuple[tuple[Need, str], ...]:
    """One requirement; it has several answers when any of several extras asks for it."""
    if len(text) > _LONGEST:
        return ()
    try:
        parsed = Requirement(text)
        specifier = str(parsed.specifier)
        extras = {str(normalize("".join(pair))) for pair in _EXTRA.findall(str(parsed.marker or ""))} or {""}
    except (InvalidRequirement, ValueError, RecursionError):
        return ()
    name = normalize(parsed.name)
    if max(len(name), *map(len, extras)) > LONGEST_NAME:
        return ()
    return tuple((Need(name, extra), specifier) for extra in sorted(extras))


def _together(specifiers: list[str]) -> str:
    together = " | ".join(filter(None, specifiers)) if all(specifiers) else ""
    return together if len(together) <= _LONGEST_SPECIFIER else ""
