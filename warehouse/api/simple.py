"""The simple API: the root list and the project pages (PEP 503, 691, 700, 714, 792)."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

from warehouse.api.doors import UNCHANGING, KeptPages, Wanted
from warehouse.api.pages import ALWAYS, NOT_FOUND, Page, moved
from warehouse.api.refusals import CORS
from warehouse.errors import Invalid
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.settings.caching import cache_headers, vary
from warehouse.sources import LocalSource
from warehouse.standards.http import Ask
from warehouse.standards.http.negotiation import BadFormat, Representation, accepted_encoding, simple_representation
from warehouse.standards.names import is_valid_name, normalize
from warehouse.standards.simple import (
    API_VERSION,
    API_VERSION_WITH_NAMESPACES,
    RootList,
    project_html,
    project_json,
    root,
)

BASE = "/simple/"

# No key drops the root list from a CDN: it changes with every upload. Programs that read it as JSON wait half an hour
# for news, people who look at it in HTML as long as for any page.
ROOT_JSON_IN_CDN = timedelta(minutes=30)

SANDBOX = ("content-security-policy", "default-src 'none'; sandbox allow-top-navigation")


class SimplePages(KeptPages):
    """Answers below ``/simple/`` from the cache, building what it does not hold."""

    def __init__(self, settings: Settings, source: LocalSource, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._source = source
        version = API_VERSION_WITH_NAMESPACES if settings.namespaces.enabled else API_VERSION
        self._root = RootList(BASE, json_version=version)
        self._root_serial = -1
        self._root_lock = threading.Lock()  # or another thread's changes would come under an older serial

    def owns(self, path: str) -> bool:
        """Everything below its base, and that without its slash."""
        return path.startswith(BASE) or path == BASE[:-1]

    def glance(self, ask: Ask) -> Ready | None:
        """The answer if it is in memory, without taking the address apart."""
        try:
            representation = simple_representation(ask.headers.get("accept"), ask.query)
        except BadFormat:
            return None
        path = ask.path
        page = self._cache.get((path, representation) if path != BASE else _root_key(ask, representation))
        return page.glance(ask) if page is not None else None

    def wanted(self, ask: Ask) -> Wanted:
        """The page, or where it is. Refuses an unknown ``?format=`` with :class:`Invalid`."""
        try:
            representation = simple_representation(ask.headers.get("accept"), ask.query)
        except BadFormat as error:
            raise Invalid(str(error), code="bad_format") from error
        if ask.path == BASE:
            key = _root_key(ask, representation)
            return Wanted(key, ROOT, partial(self._root_page, *key[1:]))
        if ask.path == BASE[:-1]:
            return Wanted((ask.path, representation), UNCHANGING, partial(moved, BASE))
        name = ask.path.removeprefix(BASE)
        make = partial(self._project_page, name, representation)
        return Wanted((ask.path, representation), normalize(name.rstrip("/")), make)

    def _project_page(self, written: str, representation: Representation) -> Page:
        name = written.removesuffix("/")
        normalized = normalize(name)
        if not is_valid_name(name) or "/" in name:
            return NOT_FOUND
        if written != f"{normalized}/":
            return moved(f"{BASE}{normalized}/") if self._source.exists(normalized) else NOT_FOUND
        found = self._source.project(normalized)
        if found is None:
            return NOT_FOUND
        body = project_json(found) if representation.form == "json" else project_html(found)
        headers = [
            ("content-type", representation.content_type),
            *cache_headers(self._settings, [f"project/{normalized}"]),
            *vary(self._settings, "Accept", "Accept-Encoding"),
            *_common(found.serial),
        ]
        return Page(200, headers, body)

    def _root_page(self, representation: Representation, encoding: root.Encoding) -> Page:
        with self._root_lock:
            serial = self._refresh_root()
            body = self._root.assemble(representation.form, encoding, serial)
            validator = self._root.validator(representation.form, encoding, serial)
        headers = [
            ("content-type", representation.content_type),
            *cache_headers(self._settings, [], cdn=ROOT_JSON_IN_CDN if representation.form == "json" else None),
            *vary(self._settings, "Accept", "Accept-Encoding"),
            *_common(serial),
        ]
        return Page(200, headers, body, encoding=encoding, etag=f'"{validator}"')

    def _refresh_root(self) -> int:
        if self._root_serial < 0:
            serial, packed = self._source.packed_projects()
            self._root.load(packed)
        else:
            serial, changed, listed = self._source.changed_projects(self._root_serial)
            for name in set(changed) - {project[0] for project in listed}:
                self._root.remove(name)
            for project in listed:
                self._root.set(*project)
        self._root_serial = serial
        return serial


def _root_key(ask: Ask, representation: Representation) -> tuple[str, Representation, root.Encoding]:
    """The root list is a page for each encoding: it is so large that nothing is made of it but what is asked for."""
    encoding = accepted_encoding(ask.headers.get("accept-encoding"), ("gzip", "identity"))
    return BASE, representation, "gzip" if encoding == "gzip" else "identity"


def _common(serial: int) -> list[tuple[str, str]]:
    return [
        ("x-pypi-last-serial", str(serial)),
        SANDBOX,
        *ALWAYS,
        *CORS,
    ]
