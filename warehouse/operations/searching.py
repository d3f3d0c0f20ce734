"""Finding projects by what somebody types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warehouse.errors import NotFound, TooLarge
from warehouse.infra.search import Asked, Hit
from warehouse.infra.search.contract import Order
from warehouse.work import Tools

PER_PAGE = 20
MOST_REACHABLE = 10_000  # results; nobody reads so far, and the engine has to sort all that come before
LONGEST_QUESTION = 1_000  # characters
LONGEST_SUGGESTED_FOR = 100


@dataclass(frozen=True)
class Question:
    """What somebody wants to find. All ``classifiers`` must hold, each by itself or by one below it; pages from 1."""

    text: str = ""
    classifiers: Sequence[str] = ()
    order: Order = "relevance"
    page: int = 1


@dataclass(frozen=True)
class Found:
    """What was found: ``total`` is at most 10,000, with ``is_more`` when there are so many or more.

    ``classifiers`` has how many of all that were found hold each classifier, by itself or by one below it. ``meant`` is
    what to ask instead when the question looks misspelt.
    """

    total: int
    is_more: bool
    hits: Sequence[Hit]
    classifiers: Mapping[str, int]
    meant: str | None

    @property
    def pages(self) -> int:
        """How many pages there are, 1 for none."""
        return max(1, -(-self.total // PER_PAGE))


def search(tools: Tools, question: Question) -> Found:
    """The projects that the question is about; without text and classifiers, all of them.

    Refuses a question of more than 1,000 characters, a page after the last, and with :class:`Unavailable` everything
    while the index is being made.
    """
    if len(question.text) > LONGEST_QUESTION:
        raise TooLarge(f"Search for at most {LONGEST_QUESTION:,} characters.", code="long_question")
    if not 1 <= question.page <= MOST_REACHABLE // PER_PAGE:
        raise NotFound("There is no such page of results.", code="page")
    asked = Asked(
        text=question.text,
        classifiers=tuple(question.classifiers),
        order=question.order,
        limit=PER_PAGE,
        offset=(question.page - 1) * PER_PAGE,
    )
    answered = tools.search.search(asked)
    found = Found(
        total=min(answered.total, MOST_REACHABLE),
        is_more=answered.total >= MOST_REACHABLE,
        hits=answered.hits,
        classifiers=answered.classifiers,
        meant=answered.meant,
    )
    if found.total and question.page > found.pages:
        raise NotFound("There is no such page of results.", code="page")
    return found


def suggest(tools: Tools, text: str, limit: int = 8) -> list[Hit]:
    """The projects that somebody may mean who has typed this much; none for more than 100 characters."""
    return tools.search.suggest(text, limit) if len(text) <= LONGEST_SUGGESTED_FOR else []


__all__ = ["Found", "Hit", "Question", "search", "suggest"]
