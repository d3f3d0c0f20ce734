"""Pages for people that are the same for everybody: made by the web site, kept and answered like those for programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from warehouse.api.addresses import index_address
from warehouse.api.pages import Page
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.standards.http import Answer, Ask
from warehouse.standards.http.negotiation import preferred
from warehouse.standards.names import normalize

SEGMENTS = ("", "project", "user", "classifiers", "help", "security", "sitemap", "stats")
"""The first segments of the addresses."""

LIFETIME = 3600  # seconds; pages also show what no entry of the journal tells of, such as the downloads of a day

KEPT = (200, 301, 404)
ABOUT_A_PROJECT = "/project/"

FLASHES = "flashes="
"""The cookie that carries what is to be said on the next page."""

_FOR_CACHES = ("surrogate-control", "surrogate-key")


@dataclass(frozen=True)
class Website:
    """What the door knows of the site behind it: its pages for everybody, how it is asked for one, its languages."""

    is_shared: Callable[[str], bool]
    show: Callable[[Ask, str], Answer]
    language: Callable[[str | None, str | None], str]


class NotKept(Exception):
    """The site has answered with something that is not for everybody, or not for long."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class PeoplesPages:
    """A door to the site's pages, for whoever reads HTML and asks for nothing in particular; others ask the site."""

    def __init__(self, settings: Settings, cache: PageCache, website: Website) -> None:
        self._settings = settings
        self._cache = cache
        self._website = website

    def owns(self, path: str) -> bool:
        """The pages that are the same for everybody."""
        return self._website.is_shared(path)

    def glance(self, ask: Ask) -> Ready | None:
        """The answer if it is in memory."""
        if not self._is_for_the_cache(ask):
            return None
        page = self._cache.get(self._key(ask, self._language(ask)))
        return page.glance(ask) if page is not None else None

    def answer(self, ask: Ask) -> Answer | Ready | None:
        """The answer, for which the site is asked when it has to be."""
        if not self._is_for_the_cache(ask):
            return None
        language = self._language(ask)
        key = self._key(ask, language)

        def make() -> tuple[Page, int]:
            page = _page(self._website.show(ask, language))
            return page, page.size

        try:
            page: Page = self._cache.build(key, subject_of(ask.path), make)
        except NotKept as found:
            return found.answer
        return page.reply(ask, self._cache, key)

    def _is_for_the_cache(self, ask: Ask) -> bool:
        """Whether the page that everybody gets will do: it says nothing that is to be said to this visitor just now."""
        if ask.query or preferred(ask.headers.get("accept"), ("text/html",)) is None:
            return False
        if FLASHES in (ask.headers.get("cookie") or ""):
            return False
        return self._settings.site.url is not None or bool(ask.headers.get("host"))

    def _language(self, ask: Ask) -> str:
        return self._website.language(ask.headers.get("cookie"), ask.headers.get("accept-language"))

    def _key(self, ask: Ask, language: str) -> tuple[object, ...]:
        # Each page's hour ends at a time of its own, or all would be made anew at once.
        hour = int(time.time() + hash(ask.path) % LIFETIME) // LIFETIME
        return ("people", ask.path, language, index_address(self._settings, ask), hour)


def subject_of(path: str) -> str:
    """What a page is about: the project that its path names, else everything."""
    if not path.startswith(ABOUT_A_PROJECT):
        return ROOT
    return normalize(path.removeprefix(ABOUT_A_PROJECT).partition("/")[0])


def _page(answer: Answer) -> Page:
    """The page to be kept; refuses with :class:`NotKept` an answer that says that it is somebody's, or fails."""
    headers = dict(answer.headers)
    if answer.status not in KEPT or "set-cookie" in headers:
        raise NotKept(answer)
    if answer.status != 200:
        # It is kept here until its subject changes, and nowhere else.
        headers = {name: value for name, value in headers.items() if name not in _FOR_CACHES}
        headers["cache-control"] = "no-cache"
    elif "no-store" in headers.get("cache-control", ""):
        raise NotKept(answer)
    assert isinstance(answer.body, bytes)
    return Page(answer.status, list(headers.items()), answer.body)
