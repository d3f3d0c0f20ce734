"""What a web worker counts for /metrics: every answer as it is given, and once a second what there is to see."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from warehouse.infra.cache import PageCache
from warehouse.infra.metrics import HotCounter, Metrics
from warehouse.server.limits import Stats
from warehouse.standards.http import Ask
from warehouse.work import Tools

# What is asked for, by the first characters of the path: looking them up costs less than comparing.
BEGINNING = 8
DOORS = {"/simple/": "simple", "/package": "files", "/legacy/": "upload"}
OF_PAGES = ("simple", "files")  # what the page cache answers


class Numbers:
    """The numbers of one web worker."""

    def __init__(self, tools: Tools, stats: Stats) -> None:
        self._tools = tools
        self._metrics = tools.metrics
        self._stats = stats
        self._answered: dict[tuple[str, int], HotCounter] = {}

    def count(self, ask: Ask, status: int, size: int, seconds: float) -> None:
        """Told of every answer, on the event loop; an answer that was in memory took no seconds at all."""
        door = DOORS.get(ask.path[:BEGINNING], "web")
        counter = self._answered.get((door, status))
        if counter is None:
            counter = self._answered[door, status] = self._metrics.answered(door, status)
        counter.value += 1
        if seconds and door in OF_PAGES:
            self._metrics.page_misses.value += 1

    def watch(self, cache: PageCache) -> None:
        """Look at the rest in a thread of its own, once a second."""
        threading.Thread(target=self._watch, args=(cache,), name="metrics", daemon=True).start()

    def _watch(self, cache: PageCache) -> None:
        while True:
            self._metrics.connections.set(self._stats.open)
            self._metrics.journal_serial.set(self._tools.head.serial)
            self._metrics.page_cache_bytes.set(cache.size)
            self._metrics.flush()
            time.sleep(1.0)


def forget_the_dead(folder: Path, metrics: Metrics) -> None:
    """Take what processes that are gone had last seen out of the sums; a worker does it when it takes their place."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            metrics.forget_process(pid)
        except PermissionError:
            continue  # it lives, and is not ours: the number was given again
