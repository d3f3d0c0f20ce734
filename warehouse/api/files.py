"""Files and their metadata companions, by the digest in their path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from warehouse.api.refusals import CORS, plain
from warehouse.errors import NotFound
from warehouse.infra.blobs import BlobStore
from warehouse.infra.cache import PageCache
from warehouse.settings import Settings
from warehouse.sources import FoundFile, LocalSource
from warehouse.standards.http import Answer, Ask
from warehouse.standards.http.ranges import file_answer

BASE = "/packages/"
FOREVER = 365_000_000  # seconds
REDIRECT_LIFETIME = timedelta(hours=1)

_PATH = re.compile(r"/packages/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/([^/]+)")


@dataclass(frozen=True, slots=True)
class ServedFile:
    """What answering a request for one file takes. ``path`` is None when the bytes are in a remote store."""

    path: str | None
    digest: str
    filename: str
    size: int
    headers: tuple[tuple[str, str], ...]


class Files:
    """Answers below ``/packages/``."""

    def __init__(self, settings: Settings, source: LocalSource, blobs: BlobStore, cache: PageCache) -> None:
        self._settings = settings
        self._source = source
        self._blobs = blobs
        self._cache = cache
        scope = "public" if settings.access.read == "everyone" else "private"
        self._headers = (
            ("content-type", "application/octet-stream"),
            ("cache-control", f"max-age={FOREVER}, immutable, {scope}"),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            *CORS,
        )

    def glance(self, ask: Ask) -> Answer | None:
        """The answer if the file is known and on this machine's disk."""
        served = self._cache.get((ask.path,))
        return self._local(served, ask) if served is not None and served.path is not None else None

    def answer(self, ask: Ask) -> Answer | None:
        """The answer; None when the bytes have to be fetched from a remote store by :meth:`find`'s caller."""
        served = self.find(ask.path)
        if served.path is not None:
            return self._local(served, ask)
        if not self._settings.storage.redirect:
            return None
        url = self._blobs.url(
            served.digest, expires=REDIRECT_LIFETIME, filename=served.filename, content_type="application/octet-stream"
        )
        if url is None:
            return None
        return plain(302, "", [("location", url), ("cache-control", "no-store"), *CORS])

    def find(self, path: str) -> ServedFile:
        """The file that a path names. Refuses with :class:`NotFound`."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise NotFound("There is no such file.", code="no_such_file")
        digest, written = "".join(match.groups()[:3]), match[4]
        found = self._source.file(digest)
        if found is None or written not in (found.filename, f"{found.filename}.metadata"):
            raise NotFound("There is no such file.", code="no_such_file")

        def make() -> tuple[ServedFile, int]:
            served = self._served(found, is_companion=written != found.filename)
            return served, 200

        return self._cache.build((path,), found.project, make)

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
        path = self._blobs.local_path(digest)
        return ServedFile(str(path) if path is not None else None, digest, found.filename, size, self._headers)

    def _local(self, served: ServedFile, ask: Ask) -> Answer:
        return file_answer(served.path or "", served.size, f'"{served.digest}"', list(served.headers), ask)
