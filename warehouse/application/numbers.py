"""What a web worker counts for /metrics: every answer as it is given, and once a second what there is to see."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from warehouse.api.site import door_of
from warehouse.infra.cache import PageCache
from warehouse.infra.metrics import HotCounter, Metrics
from warehouse.operations.downloads import Notes
from warehouse.server.limits import Stats
from warehouse.standards.http import Ask
from warehouse.work import Tools


class Numbers:
    """The numbers of one web worker, which notes ``downloads``, too, if it is to count them."""

    def __init__(self, tools: Tools, stats: Stats, downloads: Notes | None = None) -> None:
        self._tools = tools
        self._metrics = tools.metrics
        self._stats = stats
        self._downloads = downloads
        self._answered: dict[tuple[str, int], HotCounter] = {}

    def count(self, ask: Ask, status: int, size: int, seconds: float) -> None:
        """Told of every answer, on the event loop."""
        door = door_of(ask.path)
        counter = self._answered.get((door, status))
        if counter is None:
            counter = self._answered[door, status] = self._metrics.answered(door, status)
        counter.value += 1
        if door == "files" and self._downloads is not None:
            self._downloads.note(ask, status)

    def watch(self, cache: PageCache) -> None:
        """Look at the rest in a thread of its own, once a second."""
        threading.Thread(target=self._watch, args=(cache,), name="metrics", daemon=True).start()

    def _watch(self, cache: PageCache) -> None:
        while True:
            self._metrics.connections.set(self._stats.open)
            self._metrics.journal_serial.set(self._tools.head.serial)
            self._metrics.page_cache_bytes.set(cache.size)
            self._metrics.page_cache_entries.set(len(cache))
            self._metrics.pages_evicted.value = cache.evictions
            self._metrics.pages_invalidated.value = cache.invalidations
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
