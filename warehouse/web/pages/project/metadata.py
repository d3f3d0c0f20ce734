"""What a release says of itself, as people read it: its license, tags, classifiers, and who made it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.utils import getaddresses
from typing import NamedTuple

from warehouse.standards.emails import LONGEST_FIELD, MOST_COMMENTS

_LONGEST_LICENSE = 100  # characters
_MOST_TAGS = 100
_LICENSES = "https://spdx.org/licenses/"
_LICENSE_PART = re.compile(r"[A-Za-z0-9.+-]+|[^A-Za-z0-9.+-]+")
_OPERATORS = {"AND", "OR", "WITH"}
_NUMBERS = re.compile(r"([0-9]+)")


class Credit(NamedTuple):
    """Somebody who is named as an author or maintainer; ``address`` may be empty."""

    name: str
    address: str


class Credits(NamedTuple):
    """Who is named. The addresses were verified if they belong to an account with a role in the project."""

    people: tuple[Credit, ...]
    is_verified: bool


class ClassifierGroup(NamedTuple):
    """Classifiers with the same beginning; each with the whole of it, to be searched for."""

    name: str
    classifiers: tuple[tuple[str, str], ...]


def license_parts(expression: str) -> tuple[tuple[str, str], ...]:
    """An SPDX expression piece by piece, each with the address that explains it, or nothing."""
    return tuple((piece, _license_page(piece)) for piece in _LICENSE_PART.findall(expression))


def _license_page(piece: str) -> str:
    is_one = piece[0].isalnum() and piece not in _OPERATORS and not piece.startswith(("LicenseRef-", "DocumentRef-"))
    return f"{_LICENSES}{piece.removesuffix('+')}.html" if is_one else ""


def license_in_words(text: str | None, classifiers: Iterable[str]) -> str:
    """What is said of the license where there is no expression: the last parts of its classifiers, and one line.

    Beside classifiers the line stands if it is a name for it that they do not say already, and not its text.
    """
    named = [each.rsplit(" :: ", 1)[1] for each in classifiers if each.startswith("License :: ")]
    line = (text or "").strip().split("\n", 1)[0].strip()
    is_name = 0 < len(line) <= _LONGEST_LICENSE
    if not named:
        return line if is_name or not line else f"{line[: _LONGEST_LICENSE - 1]}…"
    together = ", ".join(named)
    return f"{together} ({line})" if is_name and line.casefold() not in together.casefold() else together


def tags_of(keywords: Sequence[str] | None) -> tuple[str, ...]:
    """The keywords one by one: split at commas, else at semicolons, else at white space; no blanks, no quotes."""
    text = ",".join(keywords or ())
    separator = next((sign for sign in (",", ";") if sign in text), None)
    tags = (tag.strip().strip("\"'").strip() for tag in text.split(separator))
    return tuple(dict.fromkeys(filter(None, tags)))[:_MOST_TAGS]


def classifier_groups(classifiers: Iterable[str]) -> tuple[ClassifierGroup, ...]:
    """Classifiers by their first part; numbers in them are sorted by value."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for classifier in sorted(set(classifiers), key=naturally):
        first, _, rest = classifier.partition(" :: ")
        groups.setdefault(first, []).append((rest or first, classifier))
    return tuple(ClassifierGroup(name, tuple(each)) for name, each in groups.items())


def naturally(text: str) -> tuple[tuple[bool, int, str], ...]:
    """What texts are sorted by so that ``3.9`` comes before ``3.10``."""
    # A number that is longer than any is as good as text: CPython would refuse to read it.
    return tuple(
        (True, int(piece), "")
        if piece.isdecimal() and piece.isascii() and len(piece) < 20
        else (False, 0, piece.lower())
        for piece in _NUMBERS.split(text)
    )


def credits_of(name: str | None, emails: str | None, *, is_verified: bool) -> Credits:
    """Names and addresses of two metadata fields, each person once."""
    people: dict[Credit, None] = {}
    field = emails or ""
    if len(field) <= LONGEST_FIELD and field.count("(") <= MOST_COMMENTS:
        for person, address in getaddresses([field]):
            if person or address:
                people[Credit(person or address, address if "@" in address else "")] = None
    if name and name.strip() and not any(credit.name == name.strip() for credit in people):
        alone = [credit for credit in people if credit.name == credit.address]
        if len(people) == 1 and alone:
            return Credits((Credit(name.strip(), alone[0].address),), is_verified)
        people = {Credit(name.strip(), ""): None, **people}
    return Credits(tuple(people)[:_MOST_TAGS], is_verified and bool(emails))
