"""The page cache: finished answers in bounded memory, dropped by what they are about.

A page enters a short queue. Only one that is asked for again before it comes out of that goes on into the long queue,
which has most of the memory: a crawl, or a stranger's million names, flows through the short one. A page leaves the
long queue when its turn comes, unless it was asked for since its last turn. That is S3-FIFO (Yang et al., "FIFO queues
are all you need for cache eviction", 2023). A hit marks its entry and moves nothing, so it takes no lock.

A page that is being built while its subject changes is handed to those who asked before the change and then forgotten,
so that nothing stale is ever kept.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from warehouse.errors import Unavailable

SHORT_SHARE = 0.1
MOST_USES = 3  # turns that a page stays after it was asked for last
MISSED = 8192  # pages at most that are known to have gone lately; never more than there are
OVERHEAD = 1500  # bytes that an entry costs beside its body and its texts, measured roughly
BUILD_TIME_LIMIT = 60.0  # seconds that somebody waits for another thread's build


class Entry:
    """A cached answer: ``subject`` is what it is about, ``size`` the bytes it holds.

    Key and subject count: they are a stranger's words, and may be longer than the answer that there is no such page.
    """

    __slots__ = ("is_proven", "size", "subject", "uses", "value")

    def __init__(self, key: Any, value: Any, subject: str, size: int) -> None:
        self.value = value
        self.subject = subject
        self.uses = 0
        self.is_proven = False
        words = key if isinstance(key, tuple) else (key,)
        self.size = size + OVERHEAD + sys.getsizeof(subject) + sum(map(sys.getsizeof, words))


class _Queue:
    """Entries in the order in which they came, and the bytes of all."""

    __slots__ = ("entries", "size")

    def __init__(self) -> None:
        # An OrderedDict, because taking the first out of a dict walks over all that were taken out before.
        self.entries: OrderedDict[Any, Entry] = OrderedDict()
        self.size = 0

    def add(self, key: Any, entry: Entry) -> None:
        self.entries[key] = entry
        self.size += entry.size

    def remove(self, key: Any) -> None:
        self.size -= self.entries.pop(key).size

    def take_first(self) -> tuple[Any, Entry]:
        key, entry = self.entries.popitem(last=False)
        self.size -= entry.size
        return key, entry


class _Build:
    """``subject`` is None where only the value will tell it."""

    __slots__ = ("future", "is_outdated", "subject")

    def __init__(self, subject: str | None) -> None:
        self.subject = subject
        self.future: Future[Entry] = Future()
        self.is_outdated = False


class PageCache:
    """Answers by key, at most ``capacity`` bytes of them. Safe to use from several threads.

    ``evictions`` counts what went to make room, ``invalidations`` what went because its subject changed.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()  # an entry is in three places, and what they hold has to agree with the sizes
        self._entries: dict[Any, Entry] = {}
        self._short = _Queue()
        self._long = _Queue()
        self._missed: OrderedDict[int, None] = OrderedDict()
        self._keys: dict[str, set[Any]] = {}
        self._builds: dict[Any, _Build] = {}
        self.evictions = 0
        self.invalidations = 0

    def get(self, key: Any) -> Any | None:
        """The value kept under ``key``, or None. Cheap enough for the event loop: one look, and no lock."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.uses < MOST_USES:
            entry.uses += 1  # of two threads at once one may count for both
        return entry.value

    def build(self, key: Any, subject: str | Callable[[Any], str], make: Callable[[], tuple[Any, int]]) -> Any:
        """The value under ``key``, made by ``make`` (value and size) once, however many ask at the same time.

        ``subject`` may be read off the value where it is not known before. Refuses with :class:`Unavailable` those who
        would wait too long for somebody else's build.
        """
        with self._lock:
            kept = self.get(key)
            if kept is not None:
                return kept
            build = self._builds.get(key)
            is_mine = build is None
            if build is None:
                build = self._builds[key] = _Build(subject if isinstance(subject, str) else None)
        if not is_mine:
            return _awaited(build)
        try:
            value, size = make()
        except BaseException as error:
            self._end(key, build, None)
            build.future.set_exception(error)
            raise
        entry = Entry(key, value, subject if isinstance(subject, str) else subject(value), size)
        self._end(key, build, entry)
        build.future.set_result(entry)
        return value

    def grown(self, key: Any, value: Any, more: int) -> None:
        """``value``, if it is still kept under ``key``, has come to hold ``more`` bytes (another encoding of it)."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.value is value:
                entry.size += more
                self._queue(entry).size += more
                self._shrink()

    def drop(self, subject: str) -> None:
        """Forget everything about ``subject``, and whatever is being built about it right now."""
        with self._lock:
            for key in self._keys.pop(subject, ()):
                entry = self._entries.pop(key)
                self._queue(entry).remove(key)
                self.invalidations += 1
                if entry.is_proven:
                    self._miss(key)  # a page that is wanted stays wanted when it changes
            for key in [key for key, build in self._builds.items() if build.subject in (subject, None)]:
                # Whoever asks from now on starts a build of their own. What is yet to tell its subject may be about it.
                self._builds.pop(key).is_outdated = True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for build in self._builds.values():
                build.is_outdated = True
            self.invalidations += len(self._entries)
            self._builds.clear()
            self._entries.clear()
            self._short, self._long = _Queue(), _Queue()
            self._keys.clear()

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._short.size + self._long.size

    def __len__(self) -> int:
        return len(self._entries)

    def _end(self, key: Any, build: _Build, entry: Entry | None) -> None:
        with self._lock:
            if self._builds.get(key) is build:
                del self._builds[key]
            if entry is None or build.is_outdated or entry.size > self._capacity:
                return
            # Let go not long ago and asked for again: the short queue was too short for it.
            entry.is_proven = self._missed.pop(hash(key), entry) is None
            self._entries[key] = entry
            self._queue(entry).add(key, entry)
            self._keys.setdefault(entry.subject, set()).add(key)
            self._shrink()

    def _queue(self, entry: Entry) -> _Queue:
        return self._long if entry.is_proven else self._short

    def _shrink(self) -> None:
        while self.size > self._capacity:
            if self._short.size > self._capacity * SHORT_SHARE or not self._long.entries:
                self._next(self._short)
            else:
                self._next(self._long)

    def _next(self, queue: _Queue) -> None:
        """Let the first of the queue go, or stay because it was asked for."""
        key, entry = queue.take_first()
        if entry.uses:
            entry.uses -= 1
            entry.is_proven = True
            self._long.add(key, entry)
            return
        del self._entries[key]
        self.evictions += 1
        self._miss(key)
        keys = self._keys[entry.subject]
        keys.discard(key)
        if not keys:
            del self._keys[entry.subject]

    def _miss(self, key: Any) -> None:
        self._missed[hash(key)] = None
        while len(self._missed) > min(MISSED, len(self._entries)):
            self._missed.popitem(last=False)


def _awaited(build: _Build) -> Any:
    try:
        return build.future.result(BUILD_TIME_LIMIT).value
    except TimeoutError as error:
        if build.future.done():
            raise  # the build's own
        raise Unavailable("This page takes long to make. Try again in a moment.", code="building") from error
