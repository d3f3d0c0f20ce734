"""The JSON API: what a project, or one of its releases, says of itself."""

from __future__ import annotations

import re
from functools import partial

from warehouse.api.doors import KeptPages, Wanted
from warehouse.api.pages import ALWAYS, Page, moved
from warehouse.api.refusals import CORS
from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.settings.caching import cache_headers, vary
from warehouse.sources.metadata import MetadataSource
from warehouse.standards.http import Ask
from warehouse.standards.json_api import NOT_FOUND, metadata_json, segment
from warehouse.standards.names import NormalizedName, is_valid_name, normalize

BASE = "/pypi/"

# Where clients may keep simple pages for ten minutes they may keep these for fifteen, as with the public index.
KEPT_LONGER = 1.5

# With and without the slash, neither of which leads to the other. No text in the database holds a NUL.
_PATH = re.compile(r"/pypi/(?P<name>[^/\0]+)(?:/(?P<version>[^/\0]+))?/json(?P<slash>/?)")


class JsonPages(KeptPages):
    """Answers ``/pypi/<name>/json`` and ``/pypi/<name>/<version>/json`` from the cache, building what it lacks."""

    def __init__(self, settings: Settings, source: MetadataSource, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._source = source

    def owns(self, path: str) -> bool:
        """What ends like its pages: the site has others below :data:`BASE`."""
        return _PATH.fullmatch(path) is not None

    def glance(self, ask: Ask) -> Ready | None:
        """The answer if it is in memory, without taking the address apart."""
        page = self._cache.get((ask.path,))
        return page.glance(ask) if page is not None else None

    def wanted(self, ask: Ask) -> Wanted | None:
        """The project's or the release's page, or where it is."""
        match = _PATH.fullmatch(ask.path)
        if match is None:
            return None
        written = match["name"]
        return Wanted((ask.path,), normalize(written), partial(self._page, written, match["version"], match["slash"]))

    def _page(self, written: str, version: str | None, slash: str) -> Page:
        name = normalize(written)
        if not is_valid_name(written):
            return _NOT_FOUND
        if written != name:
            return self._moved(name, version, slash)
        found = self._source.project(name) if version is None else self._source.release(name, version)
        if found is None:
            return _NOT_FOUND
        form = "project-legacy-json" if version is None else "release-legacy-json"
        headers = [
            ("content-type", "application/json"),
            *cache_headers(self._settings, [f"project/{name}", "all-legacy-json", form], longer=KEPT_LONGER),
            *vary(self._settings, "Accept-Encoding"),
            ("x-pypi-last-serial", str(found.serial)),
            *ALWAYS,
            *CORS,
        ]
        return Page(200, headers, metadata_json(found))

    def _moved(self, name: NormalizedName, version: str | None, slash: str) -> Page:
        """To the normalized name; the version stays as it is spelled, since any spelling is answered."""
        if not self._source.exists(name, version):
            return _NOT_FOUND
        return moved(f"{BASE}{name}/json{slash}" if version is None else f"{BASE}{name}/{segment(version)}/json{slash}")


# One for all: of a million names that there are not, the cache holds little but the names.
_NOT_FOUND = Page(404, [("content-type", "application/json"), ("cache-control", "no-cache"), *CORS], NOT_FOUND)
