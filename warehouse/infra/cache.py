"""The page cache: finished answers in bounded memory, dropped by what they are about.

Two segments keep a crawl from evicting what is hot: a page enters the first one, and only a second request moves it
into the second, which holds most of the memory. A page that is being built while its subject changes is handed to
those who asked before the change and then forgotten, so that nothing stale is ever kept.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from warehouse.errors import Unavailable

PROTECTED_SHARE = 0.8
OVERHEAD = 1500  # bytes that an entry costs beside its body and its texts, measured roughly
BUILD_TIME_LIMIT = 60.0  # seconds that somebody waits for another thread's build


class Entry:
    """A cached answer: ``subject`` is what it is about, ``size`` the bytes it holds.

    Key and subject count: they are a stranger's words, and may be longer than the answer that there is no such page.
    """

    __slots__ = ("size", "subject", "value")

    def __init__(self, key: Any, value: Any, subject: str, size: int) -> None:
        self.value = value
        self.subject = subject
        words = key if isinstance(key, tuple) else (key,)
        self.size = size + OVERHEAD + sys.getsizeof(subject) + sum(map(sys.getsizeof, words))


class _Build:
    __slots__ = ("future", "is_outdated", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.future: Future[Entry] = Future()
        self.is_outdated = False


class PageCache:
    """Answers by key, at most ``capacity`` bytes of them. Safe to use from several threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._fresh: dict[Any, Entry] = {}
        self._proven: dict[Any, Entry] = {}
        self._fresh_size = 0
        self._proven_size = 0
        self._keys: dict[str, set[Any]] = {}
        self._builds: dict[Any, _Build] = {}

    def get(self, key: Any) -> Any | None:
        """The value kept under ``key``, or None. Cheap enough for the event loop."""
        with self._lock:
            entry = self._proven.pop(key, None)
            if entry is not None:
                self._proven[key] = entry  # now the youngest
                return entry.value
            entry = self._fresh.pop(key, None)
            if entry is None:
                return None
            self._fresh_size -= entry.size
            self._proven[key] = entry
            self._proven_size += entry.size
            self._shrink()
            return entry.value

    def build(self, key: Any, subject: str, make: Callable[[], tuple[Any, int]]) -> Any:
        """The value under ``key``, made by ``make`` (value and size) once, however many ask at the same time.

        Refuses with :class:`Unavailable` those who would wait too long for somebody else's build.
        """
        with self._lock:
            entry = self._proven.get(key) or self._fresh.get(key)
            if entry is not None:
                return entry.value
            build = self._builds.get(key)
            is_mine = build is None
            if build is None:
                build = self._builds[key] = _Build(subject)
        if not is_mine:
            return _awaited(build)
        try:
            value, size = make()
        except BaseException as error:
            self._end(key, build, None)
            build.future.set_exception(error)
            raise
        entry = Entry(key, value, subject, size)
        self._end(key, build, entry)
        build.future.set_result(entry)
        return value

    def grown(self, key: Any, more: int) -> None:
        """The value under ``key`` has come to hold ``more`` bytes (another encoding of the same answer)."""
        with self._lock:
            if (entry := self._proven.get(key)) is not None:
                self._proven_size += more
            elif (entry := self._fresh.get(key)) is not None:
                self._fresh_size += more
            if entry is not None:
                entry.size += more
                self._shrink()

    def drop(self, subject: str) -> None:
        """Forget everything about ``subject``, and whatever is being built about it right now."""
        with self._lock:
            for key in self._keys.pop(subject, ()):
                if (entry := self._proven.pop(key, None)) is not None:
                    self._proven_size -= entry.size
                elif (entry := self._fresh.pop(key, None)) is not None:
                    self._fresh_size -= entry.size
            for key in [key for key, build in self._builds.items() if build.subject == subject]:
                # Whoever asks from now on starts a build of their own.
                self._builds.pop(key).is_outdated = True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for build in self._builds.values():
                build.is_outdated = True
            self._builds.clear()
            self._fresh.clear()
            self._proven.clear()
            self._keys.clear()
            self._fresh_size = self._proven_size = 0

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._fresh_size + self._proven_size

    def __len__(self) -> int:
        return len(self._fresh) + len(self._proven)

    def _end(self, key: Any, build: _Build, entry: Entry | None) -> None:
        with self._lock:
            if self._builds.get(key) is build:
                del self._builds[key]
            if entry is None or build.is_outdated or entry.size > self._capacity:
                return
            self._fresh[key] = entry
            self._fresh_size += entry.size
            self._keys.setdefault(entry.subject, set()).add(key)
            self._shrink()

    def _shrink(self) -> None:
        while self._proven_size > self._capacity * PROTECTED_SHARE and len(self._proven) > 1:
            # The oldest of the proven ones gets another chance among the fresh.
            key = next(iter(self._proven))
            entry = self._proven.pop(key)
            self._proven_size -= entry.size
            self._fresh[key] = entry
            self._fresh_size += entry.size
        while self.size > self._capacity and self._fresh:
            key = next(iter(self._fresh))
            entry = self._fresh.pop(key)
            self._fresh_size -= entry.size
            keys = self._keys.get(entry.subject)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._keys[entry.subject]


def _awaited(build: _Build) -> Any:
    try:
        return build.future.result(BUILD_TIME_LIMIT).value
    except TimeoutError as error:
        if build.future.done():
            raise  # the build's own
        raise Unavailable("This page takes long to make. Try again in a moment.", code="building") from error
