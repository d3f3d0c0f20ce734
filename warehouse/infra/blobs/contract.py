"""What every store of blobs promises, and the words it uses to say no."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import NewType, Protocol

from warehouse.errors import Unavailable

CHUNK_BYTES = 256 * 1024

BlobKey = NewType("BlobKey", str)

_KEY = re.compile(r"[0-9a-f]{64}")
_KEY_PREFIX = re.compile(r"[0-9a-f]{0,64}")


class InvalidBlobKey(ValueError):
    """Not 64 lower-case hex digits: no store looks anything up under it."""


class BlobMissing(Exception):
    """There is nothing under this key."""


class BlobDamaged(Exception):
    """The bytes are not those the key or the size promise; whoever asked must not rely on them."""


class BlobTooLarge(Exception):
    """There is more under this key than the caller is willing to hold in memory."""


class BlobStoreUnavailable(Unavailable):
    """The place that keeps the files cannot be reached, is full, or refuses us (503)."""


@dataclass(frozen=True)
class BlobStat:
    """What is known of a blob without reading it: size in bytes, and when it was last put."""

    key: str
    size: int
    modified_at: datetime


class BlobStore(Protocol):
    """Blobs by content: the key is the BLAKE2b-256 of the bytes in lower-case hex, so a key never means two contents.

    Every method refuses a malformed key with InvalidBlobKey, and raises BlobStoreUnavailable within a time limit
    when the store cannot be reached. All methods may be called from several threads.
    """

    def temporary(self) -> Path:
        """A new path, not yet existing, from which ``put`` can take a file without copying it."""

    def put(self, key: str, path: Path, *, size: int, synced: bool = False) -> None:
        """Make the file at ``path`` durable under ``key``; when this returns, a power cut does not lose it.

        The file is moved away or deleted. After a failure it may still be at ``path``, and nothing new is visible under
        ``key``. ``synced`` says that the caller has already fsynced it. Putting what is there already succeeds and
        makes ``modified_at`` now. Raises BlobDamaged when the file has not ``size`` bytes. A remote store compares the
        bytes with the key as it sends them; a local one trusts the caller, who hashed what was just written.
        """

    def put_bytes(self, key: str, data: bytes) -> None:
        """Make a small blob durable under ``key``, as ``put``. Raises BlobDamaged when ``key`` is not its digest."""

    def open(self, key: str, start: int = 0, end: int | None = None) -> Generator[bytes]:
        """The bytes from ``start`` up to, not including, ``end``, in chunks of at most CHUNK_BYTES.

        Raises BlobMissing at the call, not at the first chunk. What lies past the last byte is left out. A blob that
        ends early raises: chunks that arrive without an exception are all of them.
        """

    def read(self, key: str, limit: int) -> bytes:
        """All bytes of a small blob. Raises BlobMissing, and BlobTooLarge when there are more than ``limit``."""

    def stat(self, key: str) -> BlobStat | None:
        """Size and time of the blob, or None when there is none."""

    def delete(self, key: str) -> None:
        """Forget the blob. One that is missing is fine."""

    def keys(self, *, prefix: str = "", after: str = "") -> Generator[BlobStat]:
        """Every blob whose key starts with ``prefix`` and sorts behind ``after``, in the order of their keys.

        Memory stays bounded however many there are. Give the last key seen as ``after`` to go on later.
        """

    def sweep_temporary(self, older_than: timedelta) -> int:
        """Remove what interrupted uploads left behind in ``temporary()``, and say how many files that were."""

    def local_path(self, key: str) -> Path | None:
        """Where the server may read the file itself (sendfile), whether or not it exists; None for a remote store."""

    def url(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str | None:
        """An address from which anybody may GET the blob until it expires; None when the store has no such address."""


def parse_key(key: str) -> BlobKey:
    """A key that is safe to make a path of, or InvalidBlobKey."""
    if not _KEY.fullmatch(key):
        raise InvalidBlobKey("The key of a blob is 64 lower-case hexadecimal digits, the BLAKE2b-256 of its bytes.")
    return BlobKey(key)


def parse_key_prefix(prefix: str) -> str:
    """The beginning of a key, possibly empty, or InvalidBlobKey."""
    if not _KEY_PREFIX.fullmatch(prefix):
        raise InvalidBlobKey("A key of a blob starts with at most 64 lower-case hexadecimal digits and nothing else.")
    return prefix


def path_of(key: BlobKey) -> str:
    """``aa/rest``: the same in a directory and in a bucket, so that one can be copied to the other as it is.

    One level: a folder that has to be made costs an upload two more syncs, and 256 of them are soon all there.
    """
    return f"{key[:2]}/{key[2:]}"


def key_at(path: str) -> BlobKey | None:
    """The key whose ``path_of`` this is, or None for something that is not ours."""
    key = path.replace("/", "")
    return BlobKey(key) if _KEY.fullmatch(key) and path_of(BlobKey(key)) == path else None


def check_range(start: int, end: int | None) -> None:
    """Refuse a range that counts from the end or runs backwards: the caller knows the size and has to resolve it."""
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"Bytes {start} to {end} are no range: it starts at 0 or later and does not end before.")


def missing(key: str) -> BlobMissing:
    """The error for a key with nothing under it."""
    return BlobMissing(f"No blob is kept under {key}.")


def key_of(data: bytes) -> BlobKey:
    """The key under which these bytes are kept."""
    return BlobKey(blake2b(data, digest_size=32).hexdigest())


def digest_of_path(path: Path) -> BlobKey:
    """The key under which the file at ``path`` is kept, read in constant memory."""
    digest = blake2b(digest_size=32)
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return BlobKey(digest.hexdigest())


def digest_of(store: BlobStore, key: str) -> BlobKey:
    """The digest of what is really kept under ``key``, in constant memory: another than ``key`` means damage."""
    digest = blake2b(digest_size=32)
    for chunk in store.open(key):
        digest.update(chunk)
    return BlobKey(digest.hexdigest())
