"""Invented histories of versions, each greater than the one before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import NamedTuple

from warehouse.standards.versions import canonical, is_prerelease, sort_key


class Version(NamedTuple):
    """A version, and what uploads compute of it."""

    text: str
    canonical: str
    key: bytes
    is_prerelease: bool


@lru_cache(maxsize=50_000)  # nearly every project has a 0.1.0
def described(text: str) -> Version:
    """A version in its normal form, with what the index keeps beside it."""
    return Version(text, canonical(text), sort_key(text), is_prerelease(text))


def history(count: int, random: Random) -> Iterator[Version]:
    """The first ``count`` versions of a project, ascending."""
    numbering = _by_date if random.random() < 0.06 else _by_change
    for text, _ in zip(numbering(random), range(count), strict=False):
        yield described(text)


def _by_change(random: Random) -> Iterator[str]:
    major, minor, patch = (1, 0, 0) if random.random() < 0.3 else (0, random.choice((0, 1, 1)), random.choice((0, 1)))
    while True:
        text, style = f"{major}.{minor}.{patch}", random.random()
        if style < 0.06:
            kind = random.choice(("a", "b", "rc", ".dev"))
            for number in range(1, random.randint(2, 5)):
                yield f"{text}{kind}{number}"
        yield text
        if style > 0.99:
            yield f"{text}.post1"
        step = random.random()
        if step < 0.68:
            patch += 1
        elif step < 0.95:
            minor, patch = minor + 1, 0
        else:
            major, minor, patch = major + 1, 0, 0


def _by_date(random: Random) -> Iterator[str]:
    year, month, number = random.randint(2011, 2024), random.randint(1, 12), 0
    while True:
        yield f"{year}.{month}.{number}" if number else f"{year}.{month}"
        number += 1
        if random.random() < 0.4:
            number = 0
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
