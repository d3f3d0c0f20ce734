"""Counting downloads off the request path: a thread of each web process adds up what was noted, and writes it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import UTC, date, datetime
from itertools import islice

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warehouse.domain.packaging.downloads import Fetched, count_downloads
from warehouse.operations.downloads.notes import Notes
from warehouse.standards.fetchers import Fetcher, fetcher
from warehouse.work import SYSTEM, Tools, Work, attempt

log = logging.getLogger("warehouse.downloads")

LOOK_EVERY = 1.0  # seconds
WRITE_EVERY = 5.0  # seconds
MOST_WAITING = 100_000  # sums that are kept while the database is away: some 30 MB
AT_ONCE = 5_000  # sums in one transaction
PATIENCE = 10.0  # seconds that the last sums may take when the process ends

Sum = tuple[date, str, Fetcher]


class Counting:
    """Counts what is in ``notes``. A process that is killed loses the last seconds; one that stops loses nothing.

    While the database is away the sums wait, so many at most; what finds no room is told by a number
    (``warehouse_downloads_dropped_total``).
    """

    def __init__(self, tools: Tools, *, notes: Notes | None = None, most_waiting: int = MOST_WAITING) -> None:
        self._tools = tools
        self.notes = notes or Notes()
        self._waiting: Counter[Sum] = Counter()
        self._most_waiting = most_waiting
        self._told_of_dropped = 0
        self._is_late = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="downloads", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def stop(self) -> None:
        """Count what is left, and end."""
        self._stop.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        looks = 0
        while not self._stop.wait(LOOK_EVERY):
            self.add_up()
            looks += 1
            if looks * LOOK_EVERY >= WRITE_EVERY:
                looks = 0
                self.write()
        self.count()

    def count(self) -> None:
        """Count all that was noted, which the event loop does no more."""
        self.add_up()
        self.add_up()
        self.write()

    def add_up(self) -> None:
        """Make sums of what was noted before the last time."""
        today = datetime.now(UTC).date()
        dropped = self.notes.dropped - self._told_of_dropped
        self._told_of_dropped += dropped
        for digest, agents in self.notes.take().items():
            sums: dict[Fetcher, int] = {}
            for agent, number in agents:
                who = fetcher(agent)
                sums[who] = sums.get(who, 0) + number
            for who, number in sums.items():
                summed = (today, digest, who)
                if summed in self._waiting or len(self._waiting) < self._most_waiting:
                    self._waiting[summed] += number
                else:
                    dropped += number
        if dropped:
            self._tools.metrics.downloads_dropped.inc(dropped)

    def write(self) -> None:
        """Add the sums to those in the database, where they wait no longer; if it is away they do."""
        try:
            while batch := dict(islice(self._waiting.items(), AT_ONCE)):
                attempt(self._tools, SYSTEM, _count, batch)
                for summed in batch:
                    del self._waiting[summed]
                self._tools.metrics.downloads_counted.inc(sum(batch.values()))
                self._is_late = False
        except (DBAPIError, PoolTimeout) as error:
            if not self._is_late:
                log.warning("downloads are counted later: the database does not take them (%s)", error)
            self._is_late = True


def _count(work: Work, batch: dict[Sum, int]) -> None:
    count_downloads(work.db, (Fetched(day, digest, *who, number) for (day, digest, who), number in batch.items()))
