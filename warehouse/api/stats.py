"""How large the index is, for programs; people are shown the same numbers by the web site."""

from __future__ import annotations

import orjson

from warehouse.api.doors import KeptPages, Wanted, document
from warehouse.api.pages import Page
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.infra.db import Database
from warehouse.settings import Settings
from warehouse.settings.caching import STATS
from warehouse.sources.stats import read_stats
from warehouse.standards.http import Ask
from warehouse.standards.http.negotiation import preferred

PATH = "/stats/"


class StatsPages(KeptPages):
    """Answers ``/stats/`` to whoever takes JSON and not HTML."""

    def __init__(self, settings: Settings, database: Database, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._database = database

    def owns(self, path: str) -> bool:
        """The one address."""
        return path == PATH

    def wanted(self, ask: Ask) -> Wanted | None:
        """The numbers; None for whoever takes HTML, however much they prefer JSON, or neither."""
        accept = ask.headers.get("accept")
        if preferred(accept, ("text/html",)) is not None or preferred(accept, ("application/json",)) is None:
            return None
        return Wanted((PATH,), ROOT, self._page)

    def _page(self) -> Page:
        total_size, largest = read_stats(self._database)
        told = {"total_packages_size": total_size, "top_packages": {name: {"size": size} for name, size in largest}}
        # Names are ASCII, so that there is nothing to escape.
        body = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        return document(self._settings, "application/json", body, STATS, forms=True)
