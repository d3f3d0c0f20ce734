"""The JSON API: what a project, or one of its releases, says of itself."""

from __future__ import annotations

import re

from warehouse.api.pages import Page
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


class JsonPages:
    """Answers ``/pypi/<name>/json`` and ``/pypi/<name>/<version>/json`` from the cache, building what it lacks."""

    def __init__(self, settings: Settings, source: MetadataSource, cache: PageCache) -> None:
        self._settings = settings
        self._source = source
        self._cache = cache

    def owns(self, path: str) -> bool:
        """What ends like its pages: the site has others below :data:`BASE`."""
        return _PATH.fullmatch(path) is not None

    def glance(self, ask: Ask) -> Ready | None:
        """The answer if it is in memory."""
        page = self._cache.get((ask.path,))
        return page.glance(ask) if page is not None else None

    def answer(self, ask: Ask) -> Ready:
        """The answer, built when it has to be; to be asked only for what it :meth:`owns`."""
        match = _PATH.fullmatch(ask.path)
        assert match is not None
        name, version, slash = match["name"], match["version"], match["slash"]
        subject = normalize(name)
        key = (ask.path,)

        def make() -> tuple[Page, int]:
            if not is_valid_name(name):
                page = _NOT_FOUND
            elif name != subject:
                page = self._moved(subject, version, slash)
            else:
                page = self._page(subject, version)
            return page, page.size

        return self._cache.build(key, subject, make).reply(ask, self._cache, key)

    def _page(self, name: NormalizedName, version: str | None) -> Page:
        found = self._source.project(name) if version is None else self._source.release(name, version)
        if found is None:
            return _NOT_FOUND
        form = "project-legacy-json" if version is None else "release-legacy-json"
        headers = [
            ("content-type", "application/json"),
            *cache_headers(self._settings, [f"project/{name}", "all-legacy-json", form], longer=KEPT_LONGER),
            *vary(self._settings, "Accept-Encoding"),
            ("x-pypi-last-serial", str(found.serial)),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "origin-when-cross-origin"),
            *CORS,
        ]
        return Page(200, headers, metadata_json(found))

    def _moved(self, name: NormalizedName, version: str | None, slash: str) -> Page:
        """To the normalized name; the version stays as it is spelled, since any spelling is answered."""
        if not self._source.exists(name, version):
            return _NOT_FOUND
        to = f"{BASE}{name}/json{slash}" if version is None else f"{BASE}{name}/{segment(version)}/json{slash}"
        return Page(301, [("location", to), ("content-type", "text/plain; charset=UTF-8"), *CORS], b"")


# One for all: of a million names that there are not, the cache holds little but the names.
_NOT_FOUND = Page(404, [("content-type", "application/json"), ("cache-control", "no-cache"), *CORS], NOT_FOUND)
