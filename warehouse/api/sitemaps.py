"""Sitemaps: the pages of projects and people, in 256 lists so that each stays short, and the list of those."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial

from warehouse.api.addresses import index_address
from warehouse.api.doors import KeptPages, Wanted, document, missing
from warehouse.api.pages import Page
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.settings import Settings
from warehouse.settings.caching import Kept
from warehouse.sources.sitemaps import Listed, SitemapSource
from warehouse.standards.http import Ask
from warehouse.standards.json_api import project_page, segment
from warehouse.standards.sitemap import CONTENT_TYPE, MOST_URLS, sitemap, sitemap_index

INDEX = "/sitemap.xml"
SEGMENTS = ("sitemap.xml", *(f"{bucket:02x}.sitemap.xml" for bucket in range(256)))
"""The first segments of the addresses."""

# What is new may be gone soon: much of what is registered to deceive is found within days.
OLD_ENOUGH = timedelta(days=14)

KEPT = Kept(timedelta(hours=1), timedelta(hours=6), timedelta(days=1))

_BUCKET = re.compile(r"/([0-9a-f]{2})\.sitemap\.xml")


class SitemapPages(KeptPages):
    """Answers ``/sitemap.xml`` and the lists that it names."""

    def __init__(self, settings: Settings, source: SitemapSource, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._source = source

    def owns(self, path: str) -> bool:
        """Every list that there can be."""
        return path == INDEX or _BUCKET.fullmatch(path) is not None

    def wanted(self, ask: Ask) -> Wanted:
        """The list at this address. Everybody's age counts at midnight (UTC), so that a list is one page for a day.

        New accounts are not in the journal; the next day's list has them.
        """
        site = index_address(self._settings, ask)
        today = datetime.now(UTC).date()
        before = datetime(today.year, today.month, today.day, tzinfo=UTC) - OLD_ENOUGH
        make = self._index if ask.path == INDEX else partial(self._bucket, ask.path)
        return Wanted((ask.path, site, today), ROOT, partial(make, site, before))

    def _index(self, site: str, before: datetime) -> Page:
        buckets = self._source.buckets(before)
        return self._page(sitemap_index((f"{site}/{bucket}{INDEX.replace('/', '.')}", at) for bucket, at in buckets))

    def _bucket(self, path: str, site: str, before: datetime) -> Page:
        match = _BUCKET.fullmatch(path)
        assert match is not None
        # Cut where the public index would fail: crawlers lose what is beyond, not the whole list. There is room for
        # twelve million projects and people.
        listed = self._source.listed(match[1], before, MOST_URLS)
        if not listed:  # the list of lists does not name it, and the schema wants at least one address
            return missing("This sitemap is empty.")
        return self._page(sitemap(_address(site, one) for one in listed))

    def _page(self, body: bytes) -> Page:
        return document(self._settings, CONTENT_TYPE, body, KEPT, keys=["all-projects"])


def _address(site: str, listed: Listed) -> str:
    return project_page(site, listed.name) if listed.kind == "project" else f"{site}/user/{segment(listed.name)}/"
