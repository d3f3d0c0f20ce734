"""The change feed: the journal, for whoever keeps something true that is made of this index (docs/change-feed.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from urllib.parse import parse_qsl

import orjson

from warehouse.api.doors import Wanted, kept
from warehouse.api.pages import ALWAYS, Page
from warehouse.api.refusals import CORS, plain
from warehouse.errors import Invalid
from warehouse.follow.pages import ROOT, PageFollower
from warehouse.infra.cache import PageCache
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.settings.caching import vary
from warehouse.sources.feed import FeedEntry, FeedSource
from warehouse.standards.http import Answer, Ask

PATH = "/api/journal/"
API_VERSION = "1.0"

USUAL_LIMIT = 1_000
MOST_ENTRIES = 10_000
LONGEST_WAIT = 60  # seconds
LARGEST_SERIAL = 2**63 - 1

# What a full answer says never changes, but for an index that is restored from a backup and tells another story from
# there on: so that no cache between goes on telling the old one, they keep it for an hour and not for ever.
KEPT_FOR = 3600  # seconds
FULL = "\0journal"  # the subject of full answers; no project has such a name, and so no entry drops them

_BOUNDS = {"since": (0, LARGEST_SERIAL), "limit": (1, MOST_ENTRIES), "wait": (0, LONGEST_WAIT)}
_DIGITS = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for. ``since`` is None in a query that says nothing; ``wait`` is seconds."""

    since: int | None = None
    limit: int = USUAL_LIMIT
    wait: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """The serials that an answer covers: greater than ``after``, at most ``until``; ``newest`` is the journal's."""

    after: int
    until: int
    newest: int

    @property
    def is_full(self) -> bool:
        """Whether entries follow that the answer does not hold, so that it can never hold more than it does."""
        return self.until < self.newest


class JournalFeed:
    """Answers ``/api/journal/`` from the cache, building what it lacks.

    Whoever asks with ``wait`` when there is nothing new is answered later. An answer says what the journal held when
    this process last looked, so the same stretch has the same page whatever limit was asked for.
    """

    def __init__(self, settings: Settings, source: FeedSource, cache: PageCache, follower: PageFollower) -> None:
        self._settings = settings
        self._source = source
        self._cache = cache
        self._follower = follower

    def owns(self, path: str) -> bool:
        """The one address, with and without its slash."""
        return path in (PATH, PATH[:-1])

    def glance(self, ask: Ask) -> Ready | Later | None:
        """The answer if it is in memory."""
        if ask.path != PATH:
            return None
        try:
            asked = asked_of(ask.query)
        except Invalid:
            return None
        newest = self._follower.applied
        if asked.since == newest and asked.wait and ask.method == "GET":
            return self._later(ask, asked)
        page = self._cache.get(_key(asked, newest))
        return page.glance(ask) if page is not None else None

    def answer(self, ask: Ask) -> Answer | Ready | Later:
        """The answer, built when it has to be."""
        if ask.path != PATH:
            query = f"?{ask.query}" if ask.query else ""
            return plain(301, "", [("location", f"{PATH}{query}"), *CORS])
        try:
            asked = asked_of(ask.query)
        except Invalid as refusal:
            return plain(400, refusal.sentence, [("cache-control", "no-store"), *CORS])
        if asked.since is not None and asked.since > self._follower.applied:
            self._follower.catch_up()  # the serial may come from another machine, which is ahead by a moment
        newest = self._follower.applied
        if asked.since is not None and asked.since > newest:
            return _ahead(asked.since, newest)
        if asked.since == newest and asked.wait and ask.method == "GET":
            return self._later(ask, asked)
        return kept(self._cache, self._wanted(asked, newest), ask)

    def _wanted(self, asked: Asked, newest: int) -> Wanted:
        key = _key(asked, newest)
        if asked.since is None:
            return Wanted(key, ROOT, partial(self._intro, newest))
        stretch = _stretch(asked.since, asked.limit, newest)
        return Wanted(key, FULL if stretch.is_full else ROOT, partial(self._page, stretch))

    def _later(self, ask: Ask, asked: Asked) -> Later:
        at_once = replace(ask, query=f"since={asked.since}&limit={asked.limit}")
        return Later(self._follower.bell, asked.wait, at_once)

    def _page(self, stretch: Stretch) -> Page:
        entries = self._source.entries(after=stretch.after, until=stretch.until)
        said = {
            "entries": _written(entries),
            "last": stretch.newest,
            "meta": {"api-version": API_VERSION},
            "more": stretch.is_full,
            "next": stretch.until,
        }
        return self._made(said, stretch.newest, is_full=stretch.is_full)

    def _intro(self, newest: int) -> Page:
        how = (
            f"Ask {PATH}?since=0 for all entries from the first one, or {PATH}?since={newest} for those that come from "
            "now on, and go on with the value of next."
        )
        return self._made({"how": how, "last": newest, "meta": {"api-version": API_VERSION}}, newest, is_full=False)

    def _made(self, said: dict[str, object], newest: int, *, is_full: bool) -> Page:
        scope = "public" if self._settings.access.read == "everyone" else "private"
        if is_full:
            control = f"max-age={KEPT_FOR}, {scope}"
        else:
            control = "no-cache" if scope == "public" else "private, no-cache"
        headers = [
            ("content-type", "application/json"),
            ("cache-control", control),
            *vary(self._settings, "Accept-Encoding"),
            ("x-pypi-last-serial", str(newest)),
            *ALWAYS,
            *CORS,
        ]
        return Page(200, headers, orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))


@lru_cache(maxsize=256)
def asked_of(query: str) -> Asked:
    """What the query asks for; refuses with :class:`Invalid` whatever it does not understand, rather than guess."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=len(_BOUNDS) + 1)
    except ValueError:
        raise Invalid("This address has too many parameters; there are since, limit and wait.") from None
    said: dict[str, int] = {}
    for name, value in pairs:
        if name not in _BOUNDS:
            raise Invalid(f"There is no parameter {name[:60]!r} here; there are since, limit and wait.")
        if name in said:
            raise Invalid(f"The parameter {name} may be given only once.")
        least, most = _BOUNDS[name]
        number = int(value) if _DIGITS.fullmatch(value) else -1
        if not least <= number <= most:
            raise Invalid(f"The parameter {name} must be a whole number from {least} to {most}.")
        said[name] = number
    if said and "since" not in said:
        raise Invalid("Give the parameter since, too: 0 for all entries from the first one.")
    return Asked(**said)


def _stretch(since: int, limit: int, newest: int) -> Stretch:
    return Stretch(since, min(since + limit, newest), newest)


def _key(asked: Asked, newest: int) -> tuple[str, int, int, bool]:
    """What the page is kept under. A full one stays right; of the others, the serial says when it was."""
    if asked.since is None:
        return (PATH, -1, newest, False)
    stretch = _stretch(asked.since, asked.limit, newest)
    return (PATH, stretch.after, stretch.until, stretch.is_full)


def _ahead(since: int, newest: int) -> Answer:
    """RFC 9110 15.5.10: "the request could not be completed due to a conflict with the current state of the target
    resource". Never kept: the entry may come the next moment."""
    sentence = (
        f"The journal ends at serial {newest}, so nothing comes after {since}. If {since} came from here, this index "
        "was restored from an older backup: begin anew."
    )
    return plain(409, sentence, [("cache-control", "no-store"), ("x-pypi-last-serial", str(newest)), *CORS])


def _written(entries: Sequence[FeedEntry]) -> list[dict[str, object]]:
    return [
        {
            "action": action,
            "at": at,
            "change": change,
            "normalized-name": normalized_name,
            "project": project,
            "serial": serial,
            "version": version,
        }
        for serial, project, normalized_name, version, change, action, at in entries
    ]
