"""Images of others: fetched within limits, told by their content, and kept on disk for a while."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit
from uuid import uuid4

from warehouse.infra.asking import NotAnswered, ask

log = logging.getLogger("warehouse.infra.images")

MOST_REDIRECTS = 4
_REDIRECTS = (301, 302, 303, 307, 308)

HEAD = 4096  # bytes in which an image has to show what it is
# What an SVG may begin with. Entities could make a browser write gigabytes, so a document type declares none.
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*|<!DOCTYPE[^>\[]*>\s*)*<svg[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}

TRIMMED_TO = 0.9  # of the capacity, so that not every new image makes somebody count
COUNTED_EVERY = 16  # parts of the capacity that are written before it is counted again


class NotAnImage(Exception):
    """There is no image there that can be shown; the message is one sentence."""


def kind_of(content: bytes) -> str | None:
    """The media type of an image that browsers show, by its beginning; whatever its server says it were."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return "image/svg+xml" if _SVG.match(content[:HEAD]) else None


def fetch_image(url: str, *, limit: int, time_limit: timedelta, inside: bool) -> bytes:
    """The image at this address, at most ``limit`` bytes, within the time in all.

    Redirects are followed, each to an address that is looked at like the first one: unless ``inside``, nothing in a
    network of our own is asked for anything. Raises :class:`NotAnImage`.
    """
    end = time.monotonic() + time_limit.total_seconds()
    for _ in range(MOST_REDIRECTS + 1):
        to = _asked_for(url)
        left = max(0.1, end - time.monotonic())
        try:
            reply = ask(
                to,
                "GET",
                to,
                time_limit=timedelta(seconds=left),
                headers={"Accept": "image/*"},
                limit=limit,
                inside=inside,
            )
        except NotAnswered as error:
            raise NotAnImage(str(error)) from error
        if reply.status in _REDIRECTS and (location := reply.headers.get("location")):
            url = _led(to, location)
            continue
        if reply.status != 200:
            raise NotAnImage(f"{to} answered with {reply.status}.")
        if kind_of(reply.body) is None:
            raise NotAnImage(f"{to} is no image that can be shown.")
        return reply.body
    raise NotAnImage(f"{url} leads on and on.")


def _asked_for(url: str) -> str:
    """The address as a request can hold it, or why it is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotAnImage(f"{url} is not on the web.")
        return parts._replace(path=_quoted(parts.path), query=_quoted(parts.query), fragment="").geturl()
    except ValueError as error:
        raise NotAnImage(f"{url} is no address.") from error


def _quoted(text: str) -> str:
    return quote(text, safe="!$%&'()*+,/:;=?@[]~")


def _led(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise NotAnImage(f"{url} leads to what is no address.") from error


class KeptImage(NamedTuple):
    """An image on disk. ``fetched_at`` is nanoseconds since 1970."""

    path: str
    kind: str
    size: int
    fetched_at: int

    @property
    def age(self) -> float:
        """Seconds since it was fetched."""
        return time.time() - self.fetched_at / 1e9


@dataclass
class ImageStore:
    """Images by the address that they came from, in a folder of at most about ``capacity`` bytes.

    Several processes may share the folder. Each counts what it writes, and what is over goes, oldest first.
    """

    folder: Path
    capacity: int

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._uncounted = self.capacity  # what others have left there, nobody has counted

    def get(self, url: str) -> KeptImage | None:
        """What was kept of this address, however old."""
        path = self._path(url)
        try:
            with path.open("rb") as file:
                stat = os.fstat(file.fileno())
                kind = kind_of(file.read(HEAD))
        except FileNotFoundError:
            return None
        return KeptImage(str(path), kind, stat.st_size, stat.st_mtime_ns) if kind is not None else None

    def put(self, url: str, content: bytes) -> None:
        """Keep the image, instead of an older one from there."""
        path = self._path(url)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{uuid4().hex}")
        try:
            fresh.write_bytes(content)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        with self._lock:
            self._uncounted += len(content)
            is_due = self._uncounted > self.capacity / COUNTED_EVERY
            if is_due:
                self._uncounted = 0
        if is_due:
            self.trim()

    def trim(self) -> None:
        """Delete the oldest until the rest is within the capacity."""
        found = []
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):  # another process is trimming, too
                stat = path.stat()
                found.append((stat.st_mtime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in found)
        if total <= self.capacity:
            return
        for _, size, path in sorted(found):
            if total <= self.capacity * TRIMMED_TO:
                return
            path.unlink(missing_ok=True)
            total -= size

    def _path(self, url: str) -> Path:
        digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / digest[:2] / digest[2:]
