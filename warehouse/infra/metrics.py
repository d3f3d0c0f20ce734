"""Numbers about the running index for Prometheus, summed over the worker processes of one tree.

Each process writes its numbers into its own files of one folder; whoever is asked for /metrics reads them all. The
parent makes the folder fresh with `fresh_folder` before it forks, and calls `forget_process` when a worker has died.
Where thousands happen in a second, a `HotCounter` is one addition to a plain integer; `Metrics.flush` writes those once
a second.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PAGE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
UPLOAD_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HotCounter:
    """Counts with ``counter.value += 1``: no lock, no file, no call. For the event loop's thread only.

    Any thread may flush it: the one that does it once a second, and whoever answers /metrics.
    """

    __slots__ = ("_add", "_writing", "_written", "value")

    def __init__(self, add: Callable[[float], None]) -> None:
        self.value = 0
        self._written = 0
        self._add = add
        self._writing = threading.Lock()  # two threads at once would both write the same

    def flush(self) -> None:
        """Write what came since the last time."""
        with self._writing:
            if more := self.value - self._written:
                self._written += more
                self._add(more)


class Metrics:
    """The numbers of one process of the tree; ``folder`` is shared by all, None keeps them in this process alone.

    Counters ending in ``_total`` and histograms only grow and outlive the process that counted them; gauges of a dead
    process go with it (`forget_process`). Make it before forking or after: a forked child starts at zero by itself.
    """

    def __init__(self, folder: Path | None = None) -> None:
        # Reading the library takes 50 ms, which commands other than the servers should not pay.
        import prometheus_client
        from prometheus_client import multiprocess, values

        self._folder = folder
        self._library = prometheus_client
        self._own = prometheus_client.CollectorRegistry()
        self._registry = self._own
        self._hot: dict[tuple[str, ...], HotCounter] = {}
        # The library chooses its storage once, at import, by the environment. Imports have no order that we could
        # promise, so the choice is made here, where the folder is known.
        if folder is None:
            values.ValueClass = values.MutexValue
        else:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
            values.ValueClass = values.MultiProcessValue()
            self._registry = prometheus_client.CollectorRegistry()
            multiprocess.MultiProcessCollector(self._registry, path=str(folder))

        self.requests = self._counter("http_requests", "Requests answered.", "door", "status")
        self.page_cache = self._counter(
            "page_cache", "Requests that a door answered from memory (hit) or in a thread (miss).", "door", "result"
        )
        self.page_build_seconds = self._histogram(
            "page_build_seconds", "Answering what was not in memory.", PAGE_SECONDS, "door"
        )
        self.page_cache_bytes = self._gauge("page_cache_bytes", "Memory held by cached pages.", "livesum")
        self.page_cache_entries = self._gauge("page_cache_entries", "Cached pages.", "livesum")
        self.page_cache_drops = self._counter(
            "page_cache_drops", "Pages let go, to make room (evicted) or because they changed (invalidated).", "reason"
        )
        self.uploads_accepted = self._counter("uploads_accepted", "Files accepted.")
        self.uploads_refused = self._counter("uploads_refused", "Uploads refused, by the refusal's code.", "code")
        self.upload_seconds = self._histogram("upload_seconds", "Uploads from first byte to answer.", UPLOAD_SECONDS)
        self.jobs_done = self._counter("jobs_done", "Jobs done.", "job")
        self.jobs_failed = self._counter("jobs_failed", "Jobs that failed and were given back or up.", "job")
        self.journal_serial = self._gauge("journal_serial", "The newest journal entry seen.", "max")
        self.follower_lag = self._gauge("follower_lag", "Journal entries a follower is behind.", "livemax", "follower")
        self.downloads_counted = self._counter("downloads_counted", "Downloads of files, as they were counted.")
        self.downloads_dropped = self._counter("downloads_dropped", "Downloads that could not be kept to be counted.")
        self.connections = self._gauge("connections", "Open HTTP connections.", "livesum")

        self.pages_evicted = self._hot_counter(self.page_cache_drops, "evicted")
        self.pages_invalidated = self._hot_counter(self.page_cache_drops, "invalidated")
        self.reads_refused = self._hot_counter(
            self._counter("reads_refused", "Requests beyond what one address may ask.")
        )

    def hit(self, door: str) -> HotCounter:
        """The counter of requests that ``door`` answered from memory."""
        return self._hot_counter(self.page_cache, door, "hit")

    def missed(self, door: str, seconds: float) -> None:
        """Count a request that ``door`` answered in a thread."""
        self.page_cache.labels(door, "miss").inc()
        self.page_build_seconds.labels(door).observe(seconds)

    def answered(self, door: str, status: int) -> HotCounter:
        """The counter of requests that ``door`` (simple, files, upload, web, ...) answered with this class of status.

        Keep it where a request is hot: ``ok = metrics.answered("simple", 200)``, then ``ok.value += 1``.
        """
        return self._hot_counter(self.requests, door, f"{status // 100}xx")

    def refused(self, code: str) -> None:
        """Count an upload refused with this code; what is not shaped like a code is counted as ``other``."""
        self.uploads_refused.labels(code if re.fullmatch(r"[a-z0-9_.-]{1,64}", code) else "other").inc()

    def flush(self) -> None:
        """Write what the hot counters counted; to be called once a second, and once before the process ends."""
        # A copy: another thread may be adding a counter.
        for counter in list(self._hot.values()):
            counter.flush()

    def render(self) -> bytes:
        """All numbers of the tree in Prometheus' text format (`CONTENT_TYPE`), other processes' up to a second old."""
        self.flush()
        return self._library.generate_latest(self._registry)

    def forget_process(self, pid: int) -> None:
        """Take the gauges of a dead process out; what it counted stays, for a counter must never go back."""
        if self._folder is not None:
            from prometheus_client import multiprocess

            with suppress(FileNotFoundError):  # another process is doing the same
                multiprocess.mark_process_dead(pid, path=str(self._folder))

    def _hot_counter(self, counter: Any, *labels: str) -> HotCounter:
        key = (counter._name, *labels)
        if key not in self._hot:
            self._hot[key] = HotCounter((counter.labels(*labels) if labels else counter).inc)
        return self._hot[key]

    def _counter(self, name: str, meaning: str, *labels: str) -> Any:
        return self._library.Counter(f"warehouse_{name}", meaning, labels, registry=self._own)

    def _gauge(self, name: str, meaning: str, over_processes: Any, *labels: str) -> Any:
        name = f"warehouse_{name}"
        return self._library.Gauge(name, meaning, labels, registry=self._own, multiprocess_mode=over_processes)

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float], *labels: str) -> Any:
        return self._library.Histogram(f"warehouse_{name}", meaning, labels, buckets=buckets, registry=self._own)


def fresh_folder(folder: Path) -> Path:
    """Remove the numbers of an earlier run from ``folder``; before any process of this run counts."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in folder.glob("*.db"):
        file.unlink()
    return folder
