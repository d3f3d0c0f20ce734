"""The pictures that stand for projects where somebody links to their pages."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from warehouse.api.doors import KeptPages, Wanted, document, missing
from warehouse.api.pages import Page, moved
from warehouse.infra.cache import PageCache
from warehouse.infra.cards import Card, drawn
from warehouse.infra.db import Database
from warehouse.settings import Settings
from warehouse.settings.caching import Kept
from warehouse.sources.cards import latest
from warehouse.standards.http import Ask
from warehouse.standards.names import is_valid_name, normalize

SEGMENT = "project"

_PATH = re.compile(r"/project/(?P<name>[^/\0]+)/card\.png")
_KEPT = Kept(timedelta(hours=1), timedelta(days=1), timedelta(days=5))


class Cards(KeptPages):
    """Answers ``/project/<name>/card.png``, drawn once for everybody."""

    def __init__(self, settings: Settings, database: Database, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._database = database
        site = urlsplit(settings.site.url or "")
        self._place = site.netloc + site.path.rstrip("/")

    def owns(self, path: str) -> bool:
        """The pictures alone: the pages of projects begin alike."""
        return _PATH.fullmatch(path) is not None

    def wanted(self, ask: Ask) -> Wanted | None:
        """The picture of the project that the path names."""
        found = _PATH.fullmatch(ask.path)
        if found is None:
            return None
        return Wanted((ask.path,), normalize(found["name"]), partial(self._page, found["name"]))

    def _page(self, written: str) -> Page:
        name = normalize(written)
        if not is_valid_name(written):
            return _MISSING
        if written != name:
            return moved(f"/project/{name}/card.png")
        found = latest(self._database, name)
        if found is None:
            return _MISSING
        picture = drawn(
            Card(found.name, found.version, found.summary, index=self._settings.site.name, place=self._place)
        )
        return document(self._settings, "image/png", picture, _KEPT, keys=[f"project/{name}"])


_MISSING = missing("There is no such project.")
