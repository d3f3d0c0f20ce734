"""What the page of results shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warehouse.operations.searching import Found, Hit, Question
from warehouse.web.language import Lazy
from warehouse.web.pages.search.facets import Facet, facets, labels
from warehouse.web.pages.search.question import ORDERS, path_of
from warehouse.web.paging import Paging

EXAMPLES = ("http client", "read yaml", '"machine learning"')


@dataclass(frozen=True)
class Applied:
    """A filter that is applied, and the search without it."""

    classifier: str
    label: str
    path_without: str


@dataclass(frozen=True)
class SearchPage:
    """The page; ``hits`` is None when nothing was asked for, and ``meant`` is another question and where it leads."""

    text: str
    order: str
    orders: Sequence[tuple[str, Lazy]]
    total: int
    is_more: bool
    hits: Sequence[Hit] | None
    meant: tuple[str, str] | None
    applied: Sequence[Applied]
    facets: Sequence[Facet]
    examples: Sequence[tuple[str, str]]
    paging: Paging
    shown_at: datetime

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the box goes on with when another text is searched for."""
        order = [("o", self.order)] if self.order else []
        return order + [("c", one.classifier) for one in self.applied]


def search_page(
    question: Question, found: Found, paging: Paging, pairs: Sequence[tuple[str, str]], *, now: datetime
) -> SearchPage:
    """The page for a question and its answer; ``pairs`` are the parameters of the address but for the page."""
    is_asked = bool(question.text.strip() or question.classifiers)
    order = next(value for value, (name, _label) in ORDERS.items() if name == question.order)
    return SearchPage(
        text=question.text,
        order=order,
        orders=[(value, label) for value, (_name, label) in ORDERS.items()],
        total=found.total,
        is_more=found.is_more,
        hits=found.hits if is_asked else None,
        meant=_meant(found.meant, pairs) if is_asked else None,
        applied=[
            Applied(name, label, path_of([pair for pair in pairs if pair != ("c", name)]))
            for name, label in labels(question.classifiers)
        ],
        facets=facets(found.classifiers, question.classifiers),
        examples=[(text, path_of([("q", text)])) for text in EXAMPLES],
        paging=paging,
        shown_at=now,
    )


def _meant(text: str | None, pairs: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    if text is None:
        return None
    return text, path_of([("q", text), *(pair for pair in pairs if pair[0] != "q")])
