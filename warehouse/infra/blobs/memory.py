"""Blobs in memory, for tests and for trying things out."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from warehouse.infra.blobs.contract import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobStat,
    BlobTooLarge,
    check_range,
    key_of,
    missing,
    parse_key,
    parse_key_prefix,
)
from warehouse.infra.blobs.local import sweep_directory


class MemoryBlobs:
    """A store that is gone with the process. ``clock`` says when a blob was put."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._blobs: dict[str, tuple[bytes, datetime]] = {}
        self._directory = Path(mkdtemp(prefix="blobs-"))
        weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)

    def temporary(self) -> Path:
        return self._directory / uuid4().hex

    def put(self, key: str, path: Path, *, size: int, synced: bool = False) -> None:
        parse_key(key)
        data = path.read_bytes()
        if len(data) != size:
            raise BlobDamaged(f"The file to be kept has {len(data)} bytes instead of {size}.")
        self.put_bytes(key, data)
        path.unlink()

    def put_bytes(self, key: str, data: bytes) -> None:
        if parse_key(key) != key_of(data):
            raise BlobDamaged(f"These {len(data)} bytes are not the content of {key}.")
        self._blobs[key] = (bytes(data), self._clock())

    def open(self, key: str, start: int = 0, end: int | None = None) -> Generator[bytes]:
        data = self._bytes(key)
        check_range(start, end)
        stop = len(data) if end is None else min(end, len(data))
        return (data[at : min(at + CHUNK_BYTES, stop)] for at in range(start, stop, CHUNK_BYTES))

    def read(self, key: str, limit: int) -> bytes:
        data = self._bytes(key)
        if len(data) > limit:
            raise BlobTooLarge(f"The blob {key} is larger than {limit} bytes.")
        return data

    def stat(self, key: str) -> BlobStat | None:
        found = self._blobs.get(parse_key(key))
        return found and BlobStat(key=key, size=len(found[0]), modified_at=found[1])

    def delete(self, key: str) -> None:
        self._blobs.pop(parse_key(key), None)

    def keys(self, *, prefix: str = "", after: str = "") -> Generator[BlobStat]:
        parse_key_prefix(prefix), parse_key_prefix(after)
        wanted = sorted(key for key in self._blobs if key.startswith(prefix) and key > after)
        return (blob for key in wanted if (blob := self.stat(key)))

    def sweep_temporary(self, older_than: timedelta) -> int:
        return sweep_directory(self._directory, older_than)

    def local_path(self, key: str) -> None:
        parse_key(key)

    def url(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> None:
        parse_key(key)

    def _bytes(self, key: str) -> bytes:
        try:
            return self._blobs[parse_key(key)][0]
        except KeyError:
            raise missing(key) from None
