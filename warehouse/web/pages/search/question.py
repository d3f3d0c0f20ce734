"""What a search asks for, read from an address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from warehouse.errors import Invalid, NotFound, TooLarge
from warehouse.infra.search.contract import Order
from warehouse.operations.searching import (
    LONGEST_QUESTION,
    MOST_REACHABLE,
    PER_PAGE,
    Found,
    Question,
    search,
)
from warehouse.web.language import Lazy, _, lazy
from warehouse.web.request import Request
from warehouse.work import Tools

MOST_FILTERS = 100
LAST_PAGE = MOST_REACHABLE // PER_PAGE

# What ``o`` says, the order that it stands for, and what people call it.
ORDERS: Mapping[str, tuple[Order, Lazy]] = {
    "": ("relevance", lazy("Relevance")),
    "-created": ("newest", lazy("Date last released")),
    "-downloads": ("most_used", lazy("Most used")),
    "name": ("name", lazy("Name")),
}

_NUMBER = re.compile(r"[0-9]{1,9}")


def asked(request: Request) -> Question:
    """The question in the address; refuses one that is too long (413), and a page that is no number (400).

    An order that nobody knows is relevance.
    """
    text = request.GET.get("q", "")
    if len(text) > LONGEST_QUESTION:
        sentence = _("What you search for has more than %(num)s characters. Use the words that matter most.")
        raise TooLarge(sentence % {"num": LONGEST_QUESTION}, code="query_too_long")
    classifiers = tuple(dict.fromkeys(filter(None, request.GET.getall("c"))))
    if len(classifiers) > MOST_FILTERS:
        sentence = _("There are more than %(num)s filters. Leave some out.")
        raise Invalid(sentence % {"num": MOST_FILTERS}, code="too_many_filters")
    number = request.GET.get("page", "1")
    if not _NUMBER.fullmatch(number) or int(number) < 1:
        raise Invalid(_("A page of results has a number. Begin with page 1."), code="page_number")
    order, _label = ORDERS.get(request.GET.get("o", ""), ORDERS[""])
    return Question(text=text, classifiers=classifiers, order=order, page=int(number))


def answered(tools: Tools, question: Question) -> Found:
    """What is found; refuses a page beyond the last (404), if anything is found."""
    found = search(tools, question if question.page <= LAST_PAGE else replace(question, page=1))
    if found.total and question.page > found.pages:
        raise NotFound(_("There is no such page of results."), code="page")
    return found


def parameters(request: Request) -> Sequence[tuple[str, str]]:
    """What the address asks for but the page, in order, with repetitions."""
    return [(name, value) for name, value in request.GET.items() if name != "page"]


def path_of(pairs: Sequence[tuple[str, str]]) -> str:
    """The page of a search with these parameters."""
    return f"/search/?{urlencode(pairs)}" if pairs else "/search/"
