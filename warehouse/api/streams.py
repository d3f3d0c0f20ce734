"""Files from a remote store that is not shown to clients: fetched and passed on, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.api.files import Files
from warehouse.infra.blobs import BlobStore
from warehouse.standards.http import Answer, Ask, FileSlice
from warehouse.standards.http.ranges import file_answer


def stream(files: Files, blobs: BlobStore, ask: Ask) -> tuple[Answer, Iterator[bytes]]:
    """The answer without its body, and the body; ranges are fetched as ranges."""
    served = files.find(ask.path)
    answer = file_answer("", served.size, served.etag, list(served.headers), ask)
    pieces = answer.body if isinstance(answer.body, tuple) else (answer.body,)
    return answer, _fetched(blobs, served.digest, pieces)


def _fetched(blobs: BlobStore, digest: str, pieces: tuple[bytes | FileSlice, ...]) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, FileSlice):
            yield from blobs.open(digest, piece.start, piece.end)
        else:
            yield piece
