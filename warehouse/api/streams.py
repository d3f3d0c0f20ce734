"""Files from a remote store that is not shown to clients: fetched and passed on, piece by piece."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from warehouse.api.files import Files
from warehouse.errors import NotFound, Refusal
from warehouse.infra.blobs import BlobMissing, BlobStore
from warehouse.server.reply import has_no_body, length_of, phrase, refused
from warehouse.standards.http import Answer, Ask, FileSlice
from warehouse.standards.http.ranges import file_answer

log = logging.getLogger("warehouse.api.streams")

# What a request may say about the file that it wants, and about the parts of it.
CONDITIONS = ("range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since")


class FileStreams:
    """Answers below ``/packages/`` as a WSGI application (PEP 3333), which is how the server takes streams.

    Memory stays flat, and a thread is held only while a piece is fetched: not while a slow reader takes it.
    """

    def __init__(self, files: Files, blobs: BlobStore) -> None:
        self._files = files
        self._blobs = blobs

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in CONDITIONS}
        given = {name: value for name, value in headers.items() if value is not None}
        ask = Ask(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), "", given)
        try:
            answer, body = self.stream(ask)
        except Refusal as refusal:
            answer = refused(refusal)
            body = iter([answer.body]) if isinstance(answer.body, bytes) else iter(())
        fields = list(answer.headers)
        if not has_no_body(answer.status):
            fields.append(("Content-Length", str(length_of(answer.body))))
        start_response(f"{answer.status} {phrase(answer.status, answer.reason)}", fields)
        return [] if ask.method == "HEAD" or has_no_body(answer.status) else body

    def stream(self, ask: Ask) -> tuple[Answer, Iterator[bytes]]:
        """The answer, whose slices are those of the stored file, and its body; ranges are fetched as ranges.

        The first slice is asked for here and now: what is missing, or a store that is down, refuses with
        :class:`NotFound` or :class:`Unavailable` while there is still time to say so.
        """
        served = self._files.find(ask.path)
        answer = file_answer("", served.size, served.etag, list(served.headers), ask)
        parts: list[bytes | FileSlice] = list(answer.body) if isinstance(answer.body, tuple) else [answer.body]
        if ask.method == "HEAD":
            return answer, iter(())
        at = next((at for at, part in enumerate(parts) if isinstance(part, FileSlice)), len(parts))
        if at == len(parts):
            return answer, iter([part for part in parts if isinstance(part, bytes)])
        begun = self._open(served.digest, served.size, parts[at])
        return answer, self._fetched(served.digest, served.size, parts[:at], begun, parts[at + 1 :])

    def _fetched(
        self,
        digest: str,
        size: int,
        before: list[bytes | FileSlice],
        begun: Iterator[bytes],
        after: list[bytes | FileSlice],
    ) -> Iterator[bytes]:
        for part in before:
            yield from self._open(digest, size, part)
        yield from begun
        for part in after:
            yield from self._open(digest, size, part)

    def _open(self, digest: str, size: int, part: bytes | FileSlice) -> Iterator[bytes]:
        if isinstance(part, bytes):
            return iter([part])
        # A store is asked once for a whole file, and twice for a range.
        end = None if part.start == 0 and part.end == size else part.end
        try:
            return self._blobs.open(digest, part.start, end)
        except BlobMissing as error:
            log.error("a file's bytes are missing from the store: %s", digest)
            raise NotFound("The file is missing from the store.", code="blob_missing") from error
