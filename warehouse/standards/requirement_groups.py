"""The requirements of a release as people read them: parsed, and grouped by the extra that asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from warehouse.standards.names import NormalizedName, normalize

MOST = 500
"""Requirements of one release that are read."""

MOST_TEXT = 60_000
"""Characters of all of them: a megabyte of markers in parentheses would take seconds to parse."""

_LONGEST = 1000  # characters of a requirement

# As packaging writes markers; an extra that is asked for inside of parentheses or beside "or" stays where it stands.
_EXTRA = r'extra == "([^"]*)"'
_ONLY_EXTRA = re.compile(rf"(?:(?P<rest>.*) and )?{_EXTRA}|{_EXTRA} and (?P<then>.*)")


class NeededProject(NamedTuple):
    """One requirement. ``specifier`` is empty for any version, ``marker`` where it always holds.

    What could not be understood, as old releases hold it, has itself as the name and no ``normalized_name``.
    """

    name: str
    normalized_name: NormalizedName | None
    extras: tuple[str, ...] = ()
    specifier: str = ""
    marker: str = ""


class NeededGroup(NamedTuple):
    """What is needed with an extra, or always where ``extra`` is empty."""

    extra: str
    needs: tuple[NeededProject, ...]


def grouped(requires_dist: Iterable[str], provides_extra: Iterable[str] = ()) -> tuple[NeededGroup, ...]:
    """The requirements in their order: those that always hold first, then extra by extra as the release names them.

    An extra that needs nothing has a group all the same. Of more than :data:`MOST` requirements, or more than
    :data:`MOST_TEXT`, the first are read.
    """
    groups: dict[str, list[NeededProject]] = {"": []}
    written: dict[str, str] = {"": ""}
    for extra in list(provides_extra)[:MOST]:
        groups.setdefault(normalize(extra), [])
        written.setdefault(normalize(extra), extra)
    left = MOST_TEXT
    for text in list(requires_dist)[:MOST]:
        left -= len(text)
        if left < 0:
            break
        extra, need = _read(text)
        groups.setdefault(normalize(extra), []).append(need)
        written.setdefault(normalize(extra), extra)
    return tuple(NeededGroup(written[key], tuple(needs)) for key, needs in groups.items() if key or needs)


@lru_cache(maxsize=8192)
def _read(text: str) -> tuple[str, NeededProject]:
    """One requirement, and the extra that it depends on; its marker is then what else it depends on."""
    if len(text) > _LONGEST:
        return "", NeededProject(f"{text[:200]}…", None)
    try:
        parsed = Requirement(text)
        marker = str(parsed.marker or "")
        specifier = ", ".join(sorted(str(parsed.specifier).split(","), key=_by_bound)) if parsed.specifier else ""
    except (InvalidRequirement, ValueError, RecursionError):
        return "", NeededProject(text, None)
    found = _ONLY_EXTRA.fullmatch(marker)
    extra = ""
    # The rest stands for itself only if nothing else in the marker is an alternative to it.
    if found is not None and " or " not in re.sub(r"\([^()]*\)", "", marker):
        extra, marker = found[2] or found[3] or "", found["rest"] or found["then"] or ""
    return extra, NeededProject(parsed.name, normalize(parsed.name), tuple(sorted(parsed.extras)), specifier, marker)


def _by_bound(specifier: str) -> tuple[bool, str]:
    """Lower bounds before upper ones, as people write them."""
    return not specifier.startswith((">", "~", "=")), specifier
