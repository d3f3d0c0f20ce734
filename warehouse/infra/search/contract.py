"""What is put into a search index, what it is asked, and what it answers, whichever engine does the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

Order = Literal["relevance", "newest", "name", "most_used"]


@dataclass(frozen=True)
class SearchDocument:
    """All that is known of a project for finding it: its chosen release, and how much it is used.

    ``released_at`` is that release's moment; ``downloads`` are those of a month.
    """

    name: str
    normalized_name: str
    version: str
    released_at: datetime
    summary: str = ""
    description: str = ""
    keywords: Sequence[str] = ()
    import_names: Sequence[str] = ()
    people: Sequence[str] = ()
    classifiers: Sequence[str] = ()
    downloads: int = 0
    dependents: int = 0
    is_archived: bool = False


class Hit(NamedTuple):
    """A project that was found."""

    name: str
    normalized_name: str
    version: str
    summary: str
    released_at: datetime
    downloads: int
    dependents: int


class Asked(NamedTuple):
    """A question to the index. All ``classifiers`` must hold, each by itself or by one below it."""

    text: str = ""
    classifiers: tuple[str, ...] = ()
    order: Order = "relevance"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True)
class Answered:
    """What was found: how much in all, the hits of the page, and how many of all hold each classifier.

    ``meant`` is what to ask instead when the question looks misspelt.
    """

    total: int
    hits: Sequence[Hit]
    classifiers: Mapping[str, int] = field(default_factory=dict)
    meant: str | None = None


class Searching(Protocol):
    """An index that can be asked. Refuses with :class:`warehouse.errors.Unavailable` while there is none."""

    def search(self, asked: Asked) -> Answered:
        """The projects that the question is about, best first or in the order asked for."""

    def suggest(self, text: str, limit: int) -> list[Hit]:
        """Those that somebody may mean who has typed this much."""
