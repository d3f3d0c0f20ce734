"""The namespaces of the index, as programs read them (PEP 752); only where there are any."""

from __future__ import annotations

import re
from functools import partial

from warehouse.api.doors import KeptPages, Wanted
from warehouse.api.pages import ALWAYS, NOT_FOUND, Page, moved
from warehouse.api.refusals import CORS
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.settings import Settings
from warehouse.settings.caching import cache_headers, vary
from warehouse.sources.namespaces import NamespaceSource
from warehouse.standards.http import Ask
from warehouse.standards.names import is_valid_name, normalize
from warehouse.standards.namespaces import list_json, namespace_json

SEGMENTS = ("namespaces", "namespace")

CONTENT_TYPE = "application/vnd.pypi.simple.v1+json"

# The PEP does not say what its paths begin with. Below the base of the Simple API the list has no slash at its end:
# /simple/namespaces/ is the page of a project called so, and /simple/namespace/ that of another one.
_LIST = re.compile(r"/(?:simple/namespaces|namespaces/?)")
_ONE = re.compile(r"(?P<base>(?:/simple)?/namespace)/(?P<name>[^/\0]+)(?P<slash>/?)")


class NamespacePages(KeptPages):
    """Answers ``/simple/namespaces`` and ``/simple/namespace/<name>``, and both at the root."""

    def __init__(self, settings: Settings, source: NamespaceSource, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._source = source

    def owns(self, path: str) -> bool:
        """The two kinds of addresses."""
        return "/namespace" in path and (_LIST.fullmatch(path) or _ONE.fullmatch(path)) is not None

    def wanted(self, ask: Ask) -> Wanted | None:
        """Every page is about all grants: one of them comes and goes with entries of the journal."""
        path = ask.path
        if not self.owns(path):
            return None
        return Wanted((path,), ROOT, partial(self._page, path))

    def _page(self, path: str) -> Page:
        match = _ONE.fullmatch(path)
        if match is None:
            return self._found(list_json(self._source.names()))
        name = match["name"]
        normalized = normalize(name)
        told = self._source.one(normalized) if is_valid_name(name) else None
        if told is None:
            return NOT_FOUND
        if name != normalized:
            return moved(f"{match['base']}/{normalized}{match['slash']}")
        return self._found(namespace_json(told))

    def _found(self, body: bytes) -> Page:
        headers = [
            ("content-type", CONTENT_TYPE),
            *cache_headers(self._settings, ["all-projects"]),
            *vary(self._settings, "Accept-Encoding"),
            *ALWAYS,
            *CORS,
        ]
        return Page(200, headers, body)
