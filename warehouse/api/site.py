"""The machine doors together, as the web server asks them: first from memory, then in a thread, then the framework."""

from __future__ import annotations

import time

from warehouse.api import (
    cards,
    downloads,
    feeds,
    files,
    images,
    journal,
    json,
    legacy_actions,
    namespaces,
    people,
    predictable,
    simple,
    sitemaps,
    stats,
    texts,
    upload,
)
from warehouse.api.access import Readers, Visitors, challenge
from warehouse.api.doors import Beside, Door, Leftover
from warehouse.api.elsewhere import FilesElsewhere
from warehouse.api.refusals import CORS, plain
from warehouse.errors import NotAuthenticated
from warehouse.follow.pages import PageFollower
from warehouse.infra.cache import PageCache
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.sources import LocalSource
from warehouse.sources.feed import FeedSource
from warehouse.sources.metadata import MetadataSource
from warehouse.sources.namespaces import NamespaceSource
from warehouse.sources.news import NewsSource
from warehouse.sources.sitemaps import SitemapSource
from warehouse.standards.http import Answer, Ask
from warehouse.work import Tools

READING = ("GET", "HEAD")

# What the numbers call them, by the first segment of the path; all else is the web framework's.
NAMES = {
    "simple": "simple",
    "namespaces": "simple",
    "namespace": "simple",
    "packages": "files",
    "pypi": "json",
    "legacy": "upload",
    "rss": "feeds",
    "api": "journal",
    "stats": "stats",
    images.SEGMENT: "images",
}

# What is told to everybody, whoever may read the index: images have addresses that nobody can guess.
FOR_EVERYBODY = frozenset((*texts.SEGMENTS, images.SEGMENT))

# Whoever watches over the index asks for these as often as they like.
UNLIMITED = frozenset(("_health", "_ready", "metrics"))


class MachineDoors:
    """Everything that installers and publishers ask for."""

    def __init__(
        self, tools: Tools, cache: PageCache, follower: PageFollower, website: people.Website | None = None
    ) -> None:
        settings = tools.settings
        self._tools = tools
        self._metrics = tools.metrics
        self._follower = follower
        self._readers = Readers(tools)
        rate = settings.limits.reads_per_address
        self._visitors = Visitors(tools, rate) if rate is not None else None
        base = files_base(settings.site.files_url, settings.site.url)
        source = LocalSource(tools.database, base, namespaces=settings.namespaces.enabled)
        self.files = files.Files(settings, source, tools.blobs, cache)
        # By the first segment of the path, which a dictionary finds faster than any comparison.
        self._doors: dict[str, Door] = {
            **_doors_to_projects(tools, cache, source, base),
            **_doors_to_the_rest(tools, cache),
            "packages": FilesElsewhere.if_so(
                settings, Beside(self.files, predictable.PredictableFiles(settings, source, cache))
            ),
            "api": Beside(
                journal.JournalFeed(settings, FeedSource(tools.database), cache, follower),
                downloads.DownloadStats(settings, tools.database, cache),
            ),
        }
        if website is not None and self._readers.everyone:
            self._open_to_people(people.PeoplesPages(settings, cache, website))
        self._hits = {segment: self._metrics.hit(NAMES.get(segment, "web")) for segment in self._doors}

    def _open_to_people(self, pages: Door) -> None:
        for segment in people.SEGMENTS:
            door = self._doors.get(segment)
            self._doors[segment] = pages if door is None else Leftover(door, pages)

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer if it is in memory and true; on the event loop."""
        if ask.method not in READING:
            return None
        segment = _first_segment(ask.path)
        if self._visitors is not None and segment not in UNLIMITED:
            refusal = self._visitors.refusal(ask)
            if refusal is not None:
                return refusal
        if self._follower.is_behind:
            return None
        if not self._readers.knows(ask) and segment not in FOR_EVERYBODY:
            return None
        door = self._doors.get(segment)
        found = door.glance(ask) if door is not None else None
        if found is not None:
            self._hits[segment].value += 1
        return found

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """The answer, built if need be; None for what is not a machine door. In a thread."""
        if self._visitors is not None and ask.method in READING and _has_body(ask):
            # Nobody glanced at it.
            refusal = self._visitors.refusal(ask)
            if refusal is not None:
                return refusal
        segment = _first_segment(ask.path)
        door = self._doors.get(segment)
        if door is None or not door.owns(ask.path):
            return None
        if ask.method not in READING:
            # What is posted to some former addresses is for the web framework to answer.
            return None if ask.path in legacy_actions.POSTED else _other_method(ask)
        if segment not in FOR_EVERYBODY:
            try:
                self._readers.check(ask)
            except NotAuthenticated as refusal:
                # The site knows by their session who they are, where it has a page at the same address.
                return None if segment in people.SEGMENTS and ask.headers.get("cookie") else challenge(refusal)
        if self._follower.is_behind:
            self._follower.catch_up_here()
        began = time.perf_counter()
        try:
            return door.answer(ask)
        finally:
            self._metrics.missed(NAMES.get(segment, "web"), time.perf_counter() - began)

    def receive(self, ask: Ask) -> upload.UploadReceiver | upload.AnotherAddress | None:
        """A receiver for what is posted to the upload address; on the event loop."""
        if ask.method != "POST":
            return None
        if ask.path == upload.PATH:
            return upload.UploadReceiver(self._tools, ask)
        return upload.AnotherAddress() if ask.path == upload.PATH[:-1] else None


def _doors_to_projects(tools: Tools, cache: PageCache, source: LocalSource, base: str) -> dict[str, Door]:
    """To what projects and releases say of themselves, at present and former addresses."""
    settings = tools.settings
    described = MetadataSource(tools.database, base, settings.site.url or "")
    former = legacy_actions.LegacyActions(settings, cache)
    doors: dict[str, Door] = {
        "simple": simple.SimplePages(settings, source, cache),
        "pypi": Beside(json.JsonPages(settings, described, cache), former),
        cards.SEGMENT: cards.Cards(settings, tools.database, cache),
        "p": former,
        "u": former,
    }
    if settings.namespaces.enabled:
        named = namespaces.NamespacePages(settings, NamespaceSource(tools.database), cache)
        doors |= dict.fromkeys(namespaces.SEGMENTS, named)
        doors["simple"] = Beside(named, doors["simple"])
    return doors


def _doors_to_the_rest(tools: Tools, cache: PageCache) -> dict[str, Door]:
    """To what is told of the index as a whole."""
    settings, database = tools.settings, tools.database
    listed = sitemaps.SitemapPages(settings, SitemapSource(database), cache)
    return {
        "rss": feeds.FeedPages(settings, NewsSource(database), cache),
        "stats": stats.StatsPages(settings, database, cache),
        images.SEGMENT: images.Images(settings, tools.secret),
        **dict.fromkeys(sitemaps.SEGMENTS, listed),
        **dict.fromkeys(texts.SEGMENTS, texts.TextPages(settings, cache)),
    }


def door_of(path: str) -> str:
    """The name under which requests for this path are counted."""
    return NAMES.get(_first_segment(path), "web")


def _first_segment(path: str) -> str:
    """What stands between the first two slashes of a path, or after the first one."""
    end = path.find("/", 1)
    return path[1:] if end < 0 else path[1:end]


def _other_method(ask: Ask) -> Answer:
    """What else can be done with something to read: scripts in browsers ask that before they read it."""
    allow = ("allow", "GET, HEAD, OPTIONS")
    if ask.method == "OPTIONS":
        return Answer(204, [allow, *CORS])
    return plain(405, "Use GET or HEAD here.", [allow])


def _has_body(ask: Ask) -> bool:
    return ask.headers.get("content-length") is not None or ask.headers.get("transfer-encoding") is not None


def files_base(files_url: str | None, site_url: str | None) -> str:
    """What links to files begin with: a full address where one is known, else a path on the same host."""
    return f"{files_url or (site_url or '') + files.BASE.rstrip('/')}/"
