"""What a machine door is, and the kind that most are: pages by address, kept until their subject changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from warehouse.api.pages import ALWAYS, Page
from warehouse.api.refusals import stock_answer
from warehouse.infra.cache import PageCache
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.settings.caching import Headers, Kept, cache_headers, vary
from warehouse.standards.http import Answer, Ask

UNCHANGING = "/"
"""The subject of pages that no journal entry changes: it is no project's name."""


class Door(Protocol):
    """One part of the index that programs read. It is asked only for addresses whose first segment is its own."""

    def owns(self, path: str) -> bool:
        """Whether this address is one of the door's: if so, nobody else answers it, not even with 404."""
        ...

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer to a GET or HEAD if it is in memory, which is true to the journal; on the event loop."""
        ...

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer to a GET or HEAD of an address that it owns; in a thread. None: the web framework has it."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """The page that a request is for: what it is kept under, what it is about, and how it is made.

    ``subject`` is a normalized project name, or :data:`warehouse.follow.pages.ROOT` for what lists all projects: each
    journal entry drops the pages about its project and those about all. :data:`UNCHANGING` is dropped by none.
    """

    key: Hashable
    subject: str
    make: Callable[[], Page]


class KeptPages(ABC):
    """A door whose every answer is a page; a subclass says which page is wanted."""

    def __init__(self, cache: PageCache) -> None:
        self._cache = cache

    @abstractmethod
    def owns(self, path: str) -> bool:
        """Whether there can be a page at this address."""

    @abstractmethod
    def wanted(self, ask: Ask) -> Wanted | None:
        """Which page the request is for, from its words alone, in microseconds; None: the web framework has it.

        Refuses what cannot be read with :class:`warehouse.errors.Invalid`.
        """

    def glance(self, ask: Ask) -> Answer | Ready | None:
        """The answer if it is in memory."""
        wanted = self.wanted(ask)
        page = self._cache.get(wanted.key) if wanted is not None else None
        return page.glance(ask) if page is not None else None

    def answer(self, ask: Ask) -> Answer | Ready | None:
        """The answer, built when it has to be."""
        wanted = self.wanted(ask)
        return kept(self._cache, wanted, ask) if wanted is not None else None


def kept(cache: PageCache, wanted: Wanted, ask: Ask) -> Ready:
    """The answer from the cache, which has the page made if it is not there."""

    def make() -> tuple[Page, int]:
        page = wanted.make()
        return page, page.size

    page: Page = cache.build(wanted.key, wanted.subject, make)
    return page.reply(ask, cache, wanted.key)


def document(
    settings: Settings,
    content_type: str,
    body: bytes,
    kept: Kept,
    *,
    keys: Sequence[str] = (),
    forms: bool = False,
    more: Headers | None = None,
) -> Page:
    """A page that is no project's page of the simple or JSON API; ``forms``: the address has several, by ``Accept``."""
    headers = [
        ("content-type", content_type),
        *cache_headers(settings, list(keys), kept=kept),
        *vary(settings, *(("Accept", "Accept-Encoding") if forms else ("Accept-Encoding",))),
        *ALWAYS,
        *(more or ()),
    ]
    return Page(200, headers, body)


def missing(sentence: str, more: Headers | None = None) -> Page:
    """A page that says that there is nothing, to be kept like any other until its subject changes."""
    told = stock_answer(404, sentence, "text/html")
    assert isinstance(told.body, bytes)
    return Page(404, [*told.headers, ("cache-control", "no-cache"), *ALWAYS, *(more or ())], told.body)


class Beside:
    """Two doors to addresses that begin alike; the first one has what both would own."""

    def __init__(self, first: Door, second: Door) -> None:
        self._first = first
        self._second = second

    def owns(self, path: str) -> bool:
        """Whether one of them does."""
        return self._first.owns(path) or self._second.owns(path)

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        """The first one's answer if it has one in memory; only if the address is not the first one's, the second's."""
        found = self._first.glance(ask)
        return found if found is not None or self._first.owns(ask.path) else self._second.glance(ask)

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer of the one that owns the address."""
        return (self._first if self._first.owns(ask.path) else self._second).answer(ask)


class Leftover(Beside):
    """Two doors to the same addresses: the second one answers what the first one has no form for."""

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer of the first one that has one in memory."""
        return self._first.glance(ask) or self._second.glance(ask)

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer of the first one that has one."""
        return self._first.answer(ask) or self._second.answer(ask)
