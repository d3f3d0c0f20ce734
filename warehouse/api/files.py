"""Files and their metadata companions, by the digest in their path."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter

from warehouse.api.predictable import is_predictable
from warehouse.api.refusals import CORS, plain
from warehouse.errors import NotFound
from warehouse.infra.blobs import BlobMissing, BlobStore
from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready, ready
from warehouse.settings import Settings
from warehouse.settings.caching import vary
from warehouse.sources import FoundFile, LocalSource
from warehouse.standards.http import Answer, Ask
from warehouse.standards.http.conditions import not_modified
from warehouse.standards.http.ranges import file_answer

BASE = "/packages/"
FOREVER = 365_000_000  # seconds
REDIRECT_LIFETIME = timedelta(hours=1)
KEPT_UP_TO = 128 * 1024  # bytes; of larger files only the address is kept, and the kernel sends them

# What asks for parts of a file, or states conditions that only the careful way through answers.
FOR_PARTS = ("range", "if-match", "if-modified-since", "if-unmodified-since")

_PATH = re.compile(r"/packages/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/([^/]+)")


@dataclass(frozen=True, slots=True)
class ServedFile:
    """What answering a request for one file of ``project`` takes. ``path`` is None when a remote store has the bytes.

    Of a small file, as metadata files and most pure wheels are, the wire bytes are kept: ``whole`` and
    ``unchanged`` answer what asks for all of it without a thread or a look at the disk.
    """

    project: str
    path: str | None
    digest: str
    filename: str
    size: int
    headers: tuple[tuple[str, str], ...]
    whole: Ready | None = None
    unchanged: Ready | None = None

    @property
    def etag(self) -> str:
        """The bytes never change, so their digest says which they are."""
        return f'"{self.digest}"'


class Files:
    """Answers below ``/packages/``."""

    def __init__(self, settings: Settings, source: LocalSource, blobs: BlobStore, cache: PageCache) -> None:
        self._settings = settings
        self._source = source
        self._blobs = blobs
        self._cache = cache
        scope = "public" if settings.access.read == "everyone" else "private"
        self._has_key = scope == "public" and settings.cdn.is_told
        self._headers = (
            ("content-type", "application/octet-stream"),
            *vary(settings),
            ("cache-control", f"max-age={FOREVER}, immutable, {scope}"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            *CORS,
        )

    def owns(self, path: str) -> bool:
        """Everything below its base but what :class:`warehouse.api.predictable.PredictableFiles` answers."""
        return path.startswith(BASE) and not is_predictable(path)

    def glance(self, ask: Ask) -> Answer | Ready | None:
        """The answer if the file is known and on this machine's disk."""
        served = self._cache.get((ask.path,))
        if served is None or served.path is None:
            return None
        if served.whole is None or any(ask.headers.get(name) is not None for name in FOR_PARTS):
            return self._local(served, ask)
        return served.unchanged if not_modified(ask.headers, served.etag) else served.whole

    def answer(self, ask: Ask) -> Answer | None:
        """The answer; None when the bytes have to be fetched from a remote store by :meth:`find`'s caller."""
        served = self.find(ask.path)
        if served.path is not None:
            return self._local(served, ask)
        # An address is signed for one method, so HEAD is answered here.
        if not self._settings.storage.redirect or ask.method != "GET":
            return None
        url = self._blobs.url(
            served.digest, expires=REDIRECT_LIFETIME, filename=served.filename, content_type="application/octet-stream"
        )
        if url is None:
            return None
        return plain(302, "", [("location", url), ("cache-control", "no-store"), *CORS])

    def find(self, path: str) -> ServedFile:
        """The file that a path names. Refuses with :class:`NotFound`."""
        kept = self._cache.get((path,))
        if kept is not None:
            return kept

        def make() -> tuple[ServedFile, int]:
            served = self._made(path)
            return served, len(served.whole.body) if served.whole is not None else 0

        return self._cache.build((path,), attrgetter("project"), make)

    def _made(self, path: str) -> ServedFile:
        match = _PATH.fullmatch(path)
        found = self._source.file("".join(match.groups()[:3])) if match is not None else None
        # That there is nothing is not kept: it is nothing of any project, which an upload might bring into being.
        if match is None or found is None or match[4] not in (found.filename, f"{found.filename}.metadata"):
            raise NotFound("There is no such file.", code="no_such_file")
        return self._served(found, is_companion=match[4] != found.filename)

    def _served(self, found: FoundFile, *, is_companion: bool) -> ServedFile:
        digest, size = found.blake2_256, found.size
        if is_companion:
            if found.metadata_blake2_256 is None:
                raise NotFound("Only wheels have a metadata file.", code="no_metadata_file")
            digest = found.metadata_blake2_256
            stat = self._blobs.stat(digest)
            if stat is None:
                raise NotFound("The metadata file is missing from the store.", code="blob_missing")
            size = stat.size
        headers = self._headers
        if self._has_key:
            # A file never changes, but it may be removed or quarantined: then a CDN has to let go of it.
            headers = (*headers, ("surrogate-key", f"files/{found.project}"))
        path = self._blobs.local_path(digest)
        if path is None:
            return ServedFile(found.project, None, digest, found.filename, size, headers)
        served = ServedFile(found.project, str(path), digest, found.filename, size, headers)
        return self._with_bytes(served) if size <= KEPT_UP_TO else served

    def _with_bytes(self, served: ServedFile) -> ServedFile:
        try:
            body = self._blobs.read(served.digest, served.size)
        except BlobMissing as error:
            raise NotFound("The file is missing from the store.", code="blob_missing") from error
        headers = [*served.headers, ("etag", served.etag), ("accept-ranges", "bytes")]
        kept = [(name, value) for name, value in headers if name != "content-type"]
        return replace(served, whole=ready(Answer(200, headers, body)), unchanged=ready(Answer(304, kept)))

    def _local(self, served: ServedFile, ask: Ask) -> Answer:
        return file_answer(served.path or "", served.size, served.etag, list(served.headers), ask)
