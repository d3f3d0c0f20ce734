"""Pages as they go out: every byte and header of an answer, made once and kept until its subject changes."""

from __future__ import annotations

import base64
import hashlib
import zlib

from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready, ready
from warehouse.settings.caching import Headers
from warehouse.standards.http import Answer, Ask
from warehouse.standards.http.conditions import not_modified
from warehouse.standards.http.negotiation import accepted_encoding

COMPRESSED_FROM = 256  # bytes; below, gzip adds more than it saves
THOROUGHLY_UP_TO = 128 * 1024  # bytes; above, compressing thoroughly would cost more than sending


class Page:
    """One representation of one page, plain and, once somebody asked for it, compressed."""

    __slots__ = ("_body", "_headers", "_status", "gzip", "plain")

    def __init__(self, status: int, headers: Headers, body: bytes, gzip_body: bytes | None = None) -> None:
        self._status = status
        self._headers = headers
        self._body = body
        self.plain = _Variant(status, headers, body, None)
        self.gzip = _Variant(status, headers, gzip_body, "gzip") if gzip_body is not None else None
        if len(body) < COMPRESSED_FROM:
            self.gzip = self.plain

    @property
    def size(self) -> int:
        """Bytes held at first."""
        return len(self._body) + (len(self.gzip.full.body) if self.gzip and self.gzip is not self.plain else 0)

    def glance(self, ask: Ask) -> Ready | None:
        """The answer, if its encoding is made already."""
        if accepted_encoding(ask.headers.get("accept-encoding")) == "gzip":
            return self.gzip.reply(ask) if self.gzip is not None else None
        return self.plain.reply(ask)

    def reply(self, ask: Ask, cache: PageCache, key: object) -> Ready:
        """The answer; compresses the page when it is the first to be asked for that."""
        found = self.glance(ask)
        if found is not None:
            return found
        self.gzip = _Variant(self._status, self._headers, compress(self._body), "gzip")
        cache.grown(key, len(self.gzip.full.body))
        return self.gzip.reply(ask)


class _Variant:
    __slots__ = ("etag", "full", "unchanged")

    def __init__(self, status: int, headers: Headers, body: bytes, encoding: str | None) -> None:
        coded = [*headers, ("content-encoding", encoding)] if encoding else headers
        self.etag: str | None = None
        self.unchanged: Ready | None = None
        if status == 200:
            self.etag = etag_of(body)
            coded = [*coded, ("etag", self.etag)]
            kept = [(name, value) for name, value in coded if name not in ("content-type", "content-encoding")]
            self.unchanged = ready(Answer(304, kept))
        self.full = ready(Answer(status, coded, body))

    def reply(self, ask: Ask) -> Ready:
        if self.unchanged is not None and not_modified(ask.headers, self.etag):
            return self.unchanged
        return self.full


def etag_of(body: bytes) -> str:
    """A strong validator: base64 of the MD5 of the bytes that are sent, as the public index makes it."""
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    return f'"{base64.b64encode(digest).decode().rstrip("=")}"'


def compress(body: bytes) -> bytes:
    """gzip without a time stamp, so that the same page has the same bytes."""
    level = 6 if len(body) <= THOROUGHLY_UP_TO else 1
    compressor = zlib.compressobj(level, zlib.DEFLATED, 31)
    return compressor.compress(body) + compressor.flush()
