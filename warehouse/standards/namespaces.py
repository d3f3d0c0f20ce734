"""Implicit namespaces (PEP 752): which names a grant covers, and the two documents that tell of grants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from warehouse.standards.names import NormalizedName
from warehouse.standards.simple import API_VERSION_WITH_NAMESPACES

DEEPEST = 8
"""Hyphens that the name of a namespace has at most, whatever an index is set to: what is asked of a name is bounded."""


class Told(NamedTuple):
    """A namespace as its document tells of it: ``parent`` is the nearest grant above it, ``children`` those right below
    it."""

    name: str
    parent: str | None
    children: Sequence[str]
    owner: str


def depth(name: NormalizedName) -> int:
    """How many hyphens the name has."""
    return name.count("-")


def covering(name: NormalizedName) -> list[str]:
    """The names of all grants that would cover ``name``, outermost first.

    A grant of ``foo`` covers ``foo`` itself and what begins with ``foo-``, but not ``foobar``.
    """
    parts = name.split("-", DEEPEST + 1)[: DEEPEST + 1]
    return ["-".join(parts[: end + 1]) for end in range(len(parts))]


def below(name: str) -> tuple[str, str]:
    """Where the names that begin with ``name`` and a hyphen begin in bytewise order, and where they have ended."""
    return f"{name}-", f"{name}."  # the full stop is the hyphen's neighbour


def outermost(names: Iterable[str]) -> list[str]:
    """Of names in bytewise order, those that no other one of them covers: what one covers comes right after it."""
    found: list[str] = []
    for name in names:
        if not found or not name.startswith(f"{found[-1]}-"):
            found.append(name)
    return found


def list_json(names: Sequence[str]) -> bytes:
    """All grants. PEP 752 wants a bare array here, where PEP 691 knows only objects."""
    return orjson.dumps([{"name": name} for name in names], option=orjson.OPT_APPEND_NEWLINE)


def namespace_json(told: Told) -> bytes:
    """One grant, with the ``meta`` that PEP 691 wants of everything."""
    return orjson.dumps(
        {
            "children": list(told.children),
            "meta": {"api-version": API_VERSION_WITH_NAMESPACES},
            "name": told.name,
            "owner": told.owner,
            "parent": told.parent,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
