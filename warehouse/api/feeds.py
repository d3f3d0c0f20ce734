"""Feeds: the newest releases, the newest projects, and the releases of one project, as RSS."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from warehouse.api.addresses import index_address
from warehouse.api.doors import UNCHANGING, KeptPages, Wanted, document, missing
from warehouse.api.pages import Page
from warehouse.api.refusals import CORS
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.settings import Settings
from warehouse.settings.caching import Kept
from warehouse.sources.news import News, NewsSource
from warehouse.standards.emails import all_addresses
from warehouse.standards.http import Ask
from warehouse.standards.json_api import project_page, segment
from warehouse.standards.names import NormalizedName, is_valid_name, normalize
from warehouse.standards.rss import CONTENT_TYPE, Channel, Item, rss

UPDATES = "/rss/updates.xml"
PROJECTS = "/rss/packages.xml"

MOST_UPDATES = 100
MOST_PROJECTS = 40
MOST_OF_A_PROJECT = 40

# Of these feeds the public index says nothing to clients: readers of feeds have rhythms of their own.
KEPT = Kept(None, timedelta(days=1), timedelta(days=5))
KEPT_OF_A_PROJECT = Kept(None, None, timedelta(days=5))

# No text in the database holds a NUL.
_OF_A_PROJECT = re.compile(r"/rss/project/(?P<name>[^/\0]+)/releases\.xml")


class FeedPages(KeptPages):
    """Answers below ``/rss/``. A project is found by any spelling of its name, without a redirect."""

    def __init__(self, settings: Settings, source: NewsSource, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._source = source

    def owns(self, path: str) -> bool:
        """The three kinds of feeds."""
        return path in (UPDATES, PROJECTS) or _OF_A_PROJECT.fullmatch(path) is not None

    def wanted(self, ask: Ask) -> Wanted | None:
        """The feed at this address; its links begin with the address of the index as this client knows it."""
        site = index_address(self._settings, ask)
        if ask.path == UPDATES:
            return Wanted((UPDATES, site), ROOT, partial(self._updates, site))
        if ask.path == PROJECTS:
            return Wanted((PROJECTS, site), ROOT, partial(self._projects, site))
        match = _OF_A_PROJECT.fullmatch(ask.path)
        if match is None:
            return None
        if not is_valid_name(match["name"]):
            return Wanted(("/rss/project/",), UNCHANGING, _no_such_project)
        name = normalize(match["name"])
        return Wanted(("/rss/project/", name, site), name, partial(self._releases, site, name))

    def _updates(self, site: str) -> Page:
        name = self._settings.site.name
        channel = Channel(f"{name}: latest releases", f"{site}/", f"The {MOST_UPDATES} latest releases on {name}")
        items = [_release(site, news, f"{news.project} {news.version}") for news in self._source.releases(MOST_UPDATES)]
        return self._page(channel, items, KEPT, "all-projects")

    def _projects(self, site: str) -> Page:
        name = self._settings.site.name
        channel = Channel(f"{name}: newest projects", f"{site}/", f"The {MOST_PROJECTS} newest projects on {name}")
        items = [
            Item(
                f"{news.project} added to {name}",
                project_page(site, news.project),
                news.summary or "",
                _author(news),
                news.at,
                is_known_by_link=True,
            )
            for news in self._source.projects(MOST_PROJECTS)
        ]
        return self._page(channel, items, KEPT, "all-projects")

    def _releases(self, site: str, name: NormalizedName) -> Page:
        found = self._source.project(name, MOST_OF_A_PROJECT)
        if found is None:
            return _no_such_project()
        shown, releases = found
        index = self._settings.site.name
        channel = Channel(
            f"{index}: releases of {shown}", project_page(site, shown), f"The latest releases of {shown} on {index}"
        )
        items = [_release(site, news, news.version) for news in releases]
        return self._page(channel, items, KEPT_OF_A_PROJECT, f"project/{name}")

    def _page(self, channel: Channel, items: Sequence[Item], kept: Kept, key: str) -> Page:
        return document(self._settings, CONTENT_TYPE, rss(channel, items), kept, keys=[key], more=CORS)


def _release(site: str, news: News, title: str) -> Item:
    link = f"{project_page(site, news.project)}{segment(news.version)}/"
    return Item(title, link, news.summary or "", _author(news), news.at)


def _author(news: News) -> str | None:
    """The addresses in the release's metadata; None if there are none, or anything beside them that is not one."""
    addresses = all_addresses(news.author_email or "")
    return ", ".join(addresses) if addresses is not None else None


def _no_such_project() -> Page:
    return missing("There is no project of this name.", CORS)
