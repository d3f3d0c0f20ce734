"""Pages as they go out: every byte and header of an answer, made once and kept until its subject changes."""

from __future__ import annotations

import base64
import hashlib
import threading

from warehouse.api.refusals import CORS
from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready, ready
from warehouse.settings.caching import Headers
from warehouse.standards.compression import compress, decompress
from warehouse.standards.http import Answer, Ask
from warehouse.standards.http.conditions import not_modified
from warehouse.standards.http.negotiation import ENCODINGS, Encoding, accepted_encoding

ALWAYS = [("x-content-type-options", "nosniff"), ("referrer-policy", "origin-when-cross-origin")]

_KEEPING = threading.Lock()

COMPRESSED_FROM = 256  # bytes; below, compression adds more than it saves


class Page:
    """One representation of one page, in each encoding since that was first asked for.

    The body it was made of is kept until there is a first encoding, which all others can be made from: what nearly
    everybody asks for is gzip, a quarter of it. A page that is given an ``encoding`` is in that already and in no
    other, so the key it is kept under has to name it. ``etag`` spares the digest of a body that is large and whose
    parts have been digested.
    """

    __slots__ = ("_body", "_headers", "_status", "_variants")

    def __init__(
        self, status: int, headers: Headers, body: bytes, *, encoding: Encoding | None = None, etag: str | None = None
    ) -> None:
        self._status = status
        self._headers = headers
        self._body: bytes | None = body
        self._variants: dict[Encoding, _Variant] = {}
        if encoding is not None or len(body) < COMPRESSED_FROM:
            only = _Variant(status, headers, body, encoding or "identity", etag)
            self._variants = dict.fromkeys(ENCODINGS, only)
            self._body = None

    @property
    def size(self) -> int:
        """Bytes held at first."""
        return len(self._body) if self._body is not None else self._variants["identity"].size

    def glance(self, ask: Ask) -> Ready | None:
        """The answer, if its encoding is made already."""
        variant = self._variants.get(accepted_encoding(ask.headers.get("accept-encoding")))
        return variant.reply(ask) if variant is not None else None

    def reply(self, ask: Ask, cache: PageCache, key: object) -> Ready:
        """The answer; encodes the page when this is the first to be asked for that."""
        encoding = accepted_encoding(ask.headers.get("accept-encoding"))
        variant = self._variants.get(encoding)
        if variant is None:
            variant, more = self._keep(
                encoding, _Variant(self._status, self._headers, self._encoded(encoding), encoding)
            )
            cache.grown(key, self, more)
        return variant.reply(ask)

    def _encoded(self, encoding: Encoding) -> bytes:
        body = self._body  # looked at first: it is given up only after a variant was kept
        if body is None:
            made_of = next(each for each in ENCODINGS if each in self._variants)
            body = self._variants[made_of].full.body
            if made_of != "identity":
                body = decompress(body, made_of)
        return body if encoding == "identity" else compress(body, encoding)

    def _keep(self, encoding: Encoding, made: _Variant) -> tuple[_Variant, int]:
        """The variant that was kept first, and how many bytes more the page holds."""
        with _KEEPING:  # Two threads may have made the same, or the first ones of two encodings.
            if encoding in self._variants:
                return self._variants[encoding], 0
            self._variants[encoding] = made
            less = len(self._body) if self._body is not None else 0
            self._body = None
            return made, made.size - less


class _Variant:
    """A page in one encoding: the wire bytes of the whole answer, and of the answer that the client has it already."""

    __slots__ = ("etag", "full", "unchanged")

    def __init__(self, status: int, headers: Headers, body: bytes, encoding: Encoding, etag: str | None = None) -> None:
        coded = [*headers, ("content-encoding", encoding)] if encoding != "identity" else headers
        self.etag: str | None = None
        self.unchanged: Ready | None = None
        if status == 200:
            self.etag = etag or etag_of(body)
            coded = [*coded, ("etag", self.etag)]
            kept = [(name, value) for name, value in coded if name not in ("content-type", "content-encoding")]
            self.unchanged = ready(Answer(304, kept))
        self.full = ready(Answer(status, coded, body))

    @property
    def size(self) -> int:
        heads = len(self.full.head) + (len(self.unchanged.head) if self.unchanged is not None else 0)
        return heads + len(self.full.body)

    def reply(self, ask: Ask) -> Ready:
        if self.unchanged is not None and not_modified(ask.headers, self.etag):
            return self.unchanged
        return self.full


def moved(to: str) -> Page:
    """A page that leads to another spelling of its address."""
    return Page(301, [("location", to), ("content-type", "text/plain; charset=UTF-8"), *CORS], b"")


# One for all: of a million names that there are not, the cache holds little but the names.
NOT_FOUND = Page(
    404, [("content-type", "text/plain; charset=UTF-8"), ("cache-control", "no-cache"), *CORS], b"404 Not Found"
)
"""There is nothing of this name, for programs that read the simple API."""


def etag_of(body: bytes) -> str:
    """A strong validator: base64 of the MD5 of the bytes that are sent, as the public index makes it."""
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    return f'"{base64.b64encode(digest).decode().rstrip("=")}"'
