"""The image proxy: what descriptions show from elsewhere, fetched once for everybody."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from warehouse.api.refusals import plain
from warehouse.errors import NotFound, Unavailable
from warehouse.infra.images import ImageStore, KeptImage, NotAnImage, fetch_image
from warehouse.operations.images import BASE, image_url
from warehouse.server.later import Bell, Later
from warehouse.settings import Settings
from warehouse.standards.http import Answer, Ask, file_answer

log = logging.getLogger("warehouse.api.images")

SEGMENT = "_"
_PATH = re.compile(rf"{BASE}([0-9a-f]{{64}})/([0-9a-f]+)", re.ASCII)

AT_ONCE = 8  # images that one process fetches at a time; whoever waits for one holds no thread of the server's
MOST_WAITING = 200
MOST_OF_A_HOST = 40  # of those, from one server, so that a slow one does not take all turns
FAILURE_KEPT = 300.0  # seconds in which a server that has no image is not asked again
MOST_FAILURES = 10_000
NO_LONGER = "given-up"  # the query under which the server asks when the wait is over

# An SVG opened by itself is a document, which could bring scripts along.
_SAFE = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ("cross-origin-resource-policy", "same-origin"),
]


class Images:
    """Answers below ``/_/image/``: from disk, or when the image has come.

    The address is signed, so it is fetched only what a description of this index shows.
    """

    def __init__(self, settings: Settings, secret: bytes) -> None:
        images = settings.images
        self._secret = secret
        self._is_on = images.is_proxied
        self._kept_for = images.kept_for.total_seconds()
        self._time_limit = images.time_limit.total_seconds()
        self._store = ImageStore(settings.data / "images", images.cache_size)
        self._headers = [("cache-control", f"max-age={int(self._kept_for)}, public"), *_SAFE]
        self._line = Line(
            lambda url: self._store.put(
                url,
                fetch_image(url, limit=images.max_size, time_limit=images.time_limit, inside=images.from_inside),
            )
        )

    def owns(self, path: str) -> bool:
        """Everything below its base; other addresses begin alike."""
        return path.startswith(BASE)

    def glance(self, ask: Ask) -> Later | None:
        """Nothing is in memory, but that it is known to be on its way."""
        return self._later(ask) if ask.query != NO_LONGER and self._line.has(ask.path) else None

    def answer(self, ask: Ask) -> Answer | Later:
        """The image, when it is there."""
        url = self._url(ask.path)
        kept = self._store.get(url)
        if kept is not None and kept.age < self._kept_for:
            return self._image(kept, ask)
        if self._line.has_failed(ask.path):
            # An older one is better than none.
            return self._image(kept, ask) if kept is not None else _missing(int(FAILURE_KEPT))
        if ask.query == NO_LONGER:
            return _missing(0)
        self._line.add(ask.path, url)
        return self._later(ask)

    def _url(self, path: str) -> str:
        found = _PATH.fullmatch(path) if self._is_on else None
        url = image_url(self._secret, found[1], found[2]) if found is not None else None
        if url is None:
            raise NotFound("There is no such image.", code="no_such_image")
        return url

    def _later(self, ask: Ask) -> Later:
        return Later(self._line.bell, 2 * self._time_limit, replace(ask, query=NO_LONGER))

    def _image(self, kept: KeptImage, ask: Ask) -> Answer:
        etag = f'"{kept.fetched_at:x}-{kept.size:x}"'
        return file_answer(kept.path, kept.size, etag, [("content-type", kept.kind), *self._headers], ask)


class Line:
    """What is being fetched, a few at a time, in threads that end with the process; ``fetch`` is given the URL.

    ``bell`` rings whenever one has come, or will not.
    """

    def __init__(self, fetch: Callable[[str], None]) -> None:
        self.bell = Bell()
        self._fetch = fetch
        self._lock = threading.Lock()
        self._wanted: dict[str, str] = {}
        self._hosts: Counter[str] = Counter()
        self._waiting: deque[str] = deque()
        self._threads = 0
        self._failed: OrderedDict[str, float] = OrderedDict()

    def has(self, path: str) -> bool:
        """Whether it is being fetched, or will be."""
        return path in self._wanted

    def has_failed(self, path: str) -> bool:
        """Whether it could not be had a moment ago."""
        return self._failed.get(path, 0.0) > time.monotonic()

    def add(self, path: str, url: str) -> None:
        """Have it fetched; refuses with :class:`Unavailable` when too many wait."""
        host = _host(url)
        with self._lock:
            if path in self._wanted:
                return
            if len(self._wanted) >= MOST_WAITING or self._hosts[host] >= MOST_OF_A_HOST:
                raise Unavailable("Too many images are being fetched. Try again in a moment.", retry_after=5)
            self._wanted[path] = url
            self._hosts[host] += 1
            self._waiting.append(path)
            if self._threads < AT_ONCE:
                self._threads += 1
                threading.Thread(target=self._work, name="image", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                path = self._waiting.popleft()
            self._try(path, self._wanted[path])

    def _try(self, path: str, url: str) -> None:
        failed = True
        try:
            self._fetch(url)
            failed = False
        except NotAnImage as reason:
            log.info("an image is not shown: %s", reason)
        except Exception:  # whatever it is, the others want to be fetched
            log.exception("an image could not be fetched or kept")
        with self._lock:
            if failed:
                self._fail(path)
            del self._wanted[path]
            self._hosts -= Counter((_host(url),))
        self.bell.ring()

    def _fail(self, path: str) -> None:
        self._failed[path] = time.monotonic() + FAILURE_KEPT
        self._failed.move_to_end(path)
        while len(self._failed) > MOST_FAILURES:
            self._failed.popitem(last=False)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _missing(seconds: int) -> Answer:
    control = f"max-age={seconds}, public" if seconds else "no-store"
    return plain(
        404, "There is no image at that address, or none that can be shown.", [("cache-control", control), *_SAFE]
    )
