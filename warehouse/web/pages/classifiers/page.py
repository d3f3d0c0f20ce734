"""What the page of classifiers shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from warehouse.errors import Unavailable
from warehouse.operations.searching import Question, search
from warehouse.standards.classifiers import KNOWN
from warehouse.web.pages.project.metadata import naturally
from warehouse.work import Tools


@dataclass(frozen=True)
class Classifier:
    """A classifier, how many projects have it or one below it, and where these are found; None: nobody knows now."""

    text: str
    projects: int | None
    search_path: str


@dataclass(frozen=True)
class ClassifiersPage:
    """All classifiers by what they begin with, in order."""

    groups: Sequence[tuple[str, Sequence[Classifier]]]
    number: int


def classifiers_page(tools: Tools) -> ClassifiersPage:
    """The page: one question to the search, none to the database."""
    counts = _counts(tools)
    known = sorted(KNOWN, key=naturally)
    listed = [
        Classifier(text, counts.get(text, 0) if counts is not None else None, f"/search/?{urlencode({'c': text})}")
        for text in known
    ]
    groups = groupby(listed, key=lambda classifier: classifier.text.partition(" :: ")[0])
    return ClassifiersPage([(name, list(group)) for name, group in groups], len(known))


def _counts(tools: Tools) -> Mapping[str, int] | None:
    """How many projects have each; None while the search is away: the list is good without."""
    try:
        return search(tools, Question()).classifiers
    except Unavailable:
        return None
