"""How often files are downloaded, as JSON: of one project, divided as the question says, and of the whole index."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import orjson

from warehouse.api.doors import Wanted, document, kept, missing
from warehouse.api.pages import Page
from warehouse.api.refusals import CORS, plain
from warehouse.errors import Invalid
from warehouse.follow.pages import ROOT
from warehouse.infra.cache import PageCache
from warehouse.infra.db import Database
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.settings.caching import Kept
from warehouse.sources.downloads import EVERY, MOST, By, read_days, read_most_downloaded, read_project, read_shares
from warehouse.standards.http import Answer, Ask
from warehouse.standards.names import is_valid_name, normalize

PATH = "/api/stats/"

USUAL_DAYS = 90
MOST_DAYS = 1100
TOP = 100
LIFETIME = 300  # seconds that an answer is kept here: downloads are counted, and no journal entry tells of them

_CLIENTS = Kept(timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
_PATH = re.compile(r"/api/stats/(?:([^/\0]+)/?)?|/api/stats")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAMES = ("from", "to", "by", "mirrors")


@dataclass(frozen=True)
class Question:
    """Which days are asked for, how they are divided, and whether mirrors and the like count."""

    since: date
    until: date
    by: By
    everyone: bool


class DownloadStats:
    """Answers ``/api/stats/`` and ``/api/stats/NAME/`` from the cache, for some minutes each."""

    def __init__(self, settings: Settings, database: Database, cache: PageCache) -> None:
        self._settings = settings
        self._database = database
        self._cache = cache

    def owns(self, path: str) -> bool:
        """The two kinds of address, with and without the slash at the end."""
        return _PATH.fullmatch(path) is not None

    def glance(self, ask: Ask) -> Ready | None:
        """The answer if it is in memory."""
        try:
            wanted = self._wanted(ask)
        except Invalid:
            return None
        page = self._cache.get(wanted.key) if wanted is not None else None
        return page.glance(ask) if page is not None else None

    def answer(self, ask: Ask) -> Answer | Ready:
        """The answer, built when it has to be."""
        try:
            wanted = self._wanted(ask)
        except Invalid as refusal:
            return plain(400, refusal.sentence, [("cache-control", "no-store"), *CORS])
        if wanted is not None:
            return kept(self._cache, wanted, ask)
        match = _PATH.fullmatch(ask.path)
        written = match[1] if match is not None else None
        if written is not None and not is_valid_name(written):
            return plain(404, "There is no such project.", [("cache-control", "no-cache"), *CORS])
        query = f"?{ask.query}" if ask.query else ""
        where = PATH if written is None else f"{PATH}{normalize(written)}/"
        return plain(301, "", [("location", f"{where}{query}"), *CORS])

    def _wanted(self, ask: Ask) -> Wanted | None:
        """The numbers as of these five minutes; None where the address is not written as it should be."""
        match = _PATH.fullmatch(ask.path)
        name = match[1] if match is not None else None
        if not ask.path.endswith("/") or (name is not None and not (is_valid_name(name) and normalize(name) == name)):
            return None
        now = int(time.time())
        question = read_question(ask.query, datetime.fromtimestamp(now, UTC).date(), is_about_one=name is not None)
        key = (PATH, name, question, now // LIFETIME)
        if name is None:
            return Wanted(key, ROOT, partial(self._of_all, question))
        return Wanted(key, name, partial(self._of_one, name, question))

    def _of_one(self, name: str, question: Question) -> Page:
        found = read_project(self._database, name)
        if found is None:
            return missing("There is no such project.", CORS)
        shares = self._shares(name, question)
        total = sum(number for _, number in shares)
        told = {
            "project": found.name,
            **_asked(question),
            "counted_since": found.since,
            "recent": found.recent._asdict() if found.recent is not None else None,
            "total": total,
            "others": sum(number for _, number in shares[MOST:]) if question.by != "day" else 0,
            "downloads": _listed(shares if question.by == "day" else shares[:MOST], question.by),
        }
        return self._document(told, [f"project/{name}"])

    def _shares(self, name: str, question: Question) -> list[tuple[str | date, int]]:
        divided = read_shares(self._database, name, question.since, question.until, (question.by,))[question.by]
        numbers = [(value, number + apart if question.everyone else number) for value, number, apart in divided]
        if question.by != "day" and question.everyone:
            numbers.sort(key=lambda share: (-share[1], share[0]))
        return [share for share in numbers if share[1]]

    def _of_all(self, question: Question) -> Page:
        days = read_days(self._database, question.since, question.until)
        told = {
            **_asked(question),
            "downloads": [
                {"day": day, "number": number + apart if question.everyone else number} for day, number, apart in days
            ],
            "top_projects": [
                {"project": name, "day": day, "week": week, "month": month}
                for name, _, day, week, month in read_most_downloaded(self._database, TOP)
            ],
        }
        return self._document(told, [])

    def _document(self, told: dict[str, Any], keys: list[str]) -> Page:
        headers = [("x-robots-tag", "noindex"), *CORS]
        return document(self._settings, "application/json", orjson.dumps(told), _CLIENTS, keys=keys, more=headers)


def read_question(query: str, today: date, *, is_about_one: bool = True) -> Question:
    """What is asked for; the last ninety days, day by day, where nothing is. Refuses nonsense with :class:`Invalid`."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=8)
    except ValueError as error:
        raise _refused(f"Ask with {', '.join(_NAMES)}, each at most once.") from error
    given = dict(pairs)
    known = _NAMES if is_about_one else tuple(name for name in _NAMES if name != "by")
    if len(given) < len(pairs) or not given.keys() <= set(known):
        raise _refused(f"Ask with {', '.join(known)}, each at most once.")
    until = _day(given, "to") or today
    since = _day(given, "from") or date.fromordinal(max(1, until.toordinal() - USUAL_DAYS + 1))
    if until < since:
        raise _refused("The day in from is after the one in to. Exchange them.")
    if (until - since).days >= MOST_DAYS:
        raise _refused(f"Ask for at most {MOST_DAYS} days at once.")
    by = given.get("by", "day")
    if by not in EVERY:
        raise _refused(f"Downloads are divided by {', '.join(EVERY)}. Say by= one of these.")
    mirrors = given.get("mirrors", "no")
    if mirrors not in ("no", "yes"):
        raise _refused("Say mirrors=yes to count mirrors, scripts and robots, too, or mirrors=no.")
    return Question(since, until, by, mirrors == "yes")


def _day(given: dict[str, str], name: str) -> date | None:
    written = given.get(name)
    if written is None:
        return None
    try:
        if _DATE.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise _refused(f"Write the day in {name} as 2026-01-31.")


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, code="bad_question")


def _asked(question: Question) -> dict[str, Any]:
    return {"from": question.since, "to": question.until, "by": question.by, "mirrors": question.everyone}


def _listed(shares: list[tuple[str | date, int]], by: By) -> list[dict[str, Any]]:
    return [{by: value, "number": number} for value, number in shares]
