"""The page cache follows the journal: each entry drops the pages of the project it names."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable

import psycopg

from warehouse.domain.journal.notices import AGAIN
from warehouse.domain.journal.writing import CHANNEL
from warehouse.errors import Unavailable
from warehouse.infra.cache import PageCache
from warehouse.infra.db import Database, libpq_url
from warehouse.infra.head import Head
from warehouse.server.later import Bell
from warehouse.sources.changed import RETOLD

log = logging.getLogger("warehouse.follow.pages")

ROOT = ""  # the subject of everything that lists all projects
MOST_NAMED = 5_000  # entries; of more at once everything is dropped, which takes no longer than a single name
POLL = 1.0  # seconds; heals a connection that died without a word
RETRY = 1.0
GATHER = 0.1  # seconds
GATHER_AWAITED = 0.02  # seconds; somebody waits for the news itself

_ENTRIES = "SELECT serial, normalized_name FROM journal WHERE serial > %(since)s ORDER BY serial LIMIT %(limit)s"
_NEWEST = "SELECT COALESCE(max(serial), 0) FROM journal"


class PageFollower:
    """Keeps one process's cache true. ``applied`` is the serial up to which the cache is known to be.

    The cache starts empty, so the follower starts at the newest entry. When it has heard nothing from the database for
    longer than ``patience`` seconds, ``on_late`` is given the serial since which its process may have answered with
    pages that were true no more.
    """

    def __init__(
        self,
        database: Database,
        head: Head,
        cache: PageCache,
        *,
        patience: float = math.inf,
        on_late: Callable[[int], None] = lambda serial: None,
    ) -> None:
        self._database = database
        self._head = head
        self._cache = cache
        self._lock = threading.Lock()  # or ``applied`` could go back, and of many who wait each would ask
        self.bell = Bell()
        self._patience = patience
        self._on_late = on_late
        self._late_since: int | None = None
        self._heard_at = time.monotonic()
        self.applied = self._newest_once_there()

    @property
    def is_behind(self) -> bool:
        """Whether this machine committed something that the cache has not heard of: one comparison, no query."""
        return self._head.serial > self.applied

    def catch_up(self) -> None:
        """Drop what changed since ``applied``, wherever it was committed."""
        with self._lock:
            self._read()

    def catch_up_here(self) -> None:
        """Drop what this machine had committed before. Of many who come at once, one asks the database."""
        committed = self._head.serial
        with self._lock:
            if self.applied < committed:
                self._read()

    def _read(self) -> None:
        asked_at = time.monotonic()
        rows = self._database.rows(_ENTRIES, {"since": self.applied, "limit": MOST_NAMED})
        silence, self._heard_at = asked_at - self._heard_at, asked_at
        if not rows:
            return
        if silence > self._patience and self._late_since is None:
            self._late_since = self.applied
        if len(rows) < MOST_NAMED:
            newest = rows[-1][0]
            for name in {row[1] for row in rows}:
                self._cache.drop(name)
            self._cache.drop(ROOT)
        else:
            newest = self._newest()
            self._cache.clear()
        # Only now: a reader that sees the new number must not find an old page.
        self.applied = newest
        self.bell.ring()

    def run(self, stop: threading.Event) -> None:
        """Listen until ``stop``; whatever happens to the connection, be at most a second late."""
        listened_until = self.applied
        while not stop.is_set():
            try:
                with psycopg.connect(libpq_url(self._database.url), autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._drop_retold(listened_until)
                    while not stop.is_set():
                        self.catch_up()
                        listened_until = self.applied
                        self._confess()
                        # All that have come by now: to wait after each would fall behind further and further.
                        heard = list(connection.notifies(timeout=POLL, stop_after=1))
                        for notice in heard:
                            self._drop_again(notice.payload)
                        if heard:
                            # More will follow where uploads come one after the other. On this machine nobody waits
                            # for it: whoever asks for a page while the head is ahead catches up first.
                            stop.wait(GATHER_AWAITED if self.bell.awaited_by else GATHER)
            except Exception as error:  # the database is away: pages are answered from memory until it is back
                log.warning("not following the journal: %s", error)
                stop.wait(RETRY)

    def _confess(self) -> None:
        """Say since when old pages may have gone out. Here, where no reader waits for it."""
        if self._late_since is not None:
            self._on_late(self._late_since)
            self._late_since = None

    def _drop_again(self, told: str) -> None:
        """Heed a notice that a project is to be looked at again though no entry is new."""
        if told.startswith(AGAIN):
            self._cache.drop(told.removeprefix(AGAIN))
            self._cache.drop(ROOT)

    def _drop_retold(self, since: int) -> None:
        """Make up for the notices of that kind that came while nobody listened, which no entry makes up for."""
        for (name,) in self._database.rows(RETOLD, {"since": since}):
            self._cache.drop(name)
            self._cache.drop(ROOT)

    def start(self, stop: threading.Event) -> threading.Thread:
        """Run in a thread of its own."""
        thread = threading.Thread(target=self.run, args=(stop,), name="page follower", daemon=True)
        thread.start()
        return thread

    def _newest(self) -> int:
        return self._database.rows(_NEWEST, {})[0][0]

    def _newest_once_there(self) -> int:
        deadline = time.monotonic() + 30
        while True:
            try:
                return self._newest()
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
