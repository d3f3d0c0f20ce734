"""Keeps the bytes of files under the digest of their content: on local disk, in an object store, or in memory."""

from __future__ import annotations

from pathlib import Path

from warehouse.infra.blobs.contract import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobMissing,
    BlobStat,
    BlobStore,
    BlobStoreUnavailable,
    BlobTooLarge,
    InvalidBlobKey,
    digest_of,
    digest_of_path,
    key_of,
)
from warehouse.infra.blobs.local import LocalBlobs
from warehouse.infra.blobs.memory import MemoryBlobs
from warehouse.infra.blobs.remote import SCHEMES, RemoteBlobs, RemoteOptions

__all__ = [
    "CHUNK_BYTES",
    "BlobDamaged",
    "BlobMissing",
    "BlobStat",
    "BlobStore",
    "BlobStoreUnavailable",
    "BlobTooLarge",
    "InvalidBlobKey",
    "LocalBlobs",
    "MemoryBlobs",
    "RemoteBlobs",
    "RemoteOptions",
    "digest_of",
    "digest_of_path",
    "key_of",
    "open_blobs",
]


def open_blobs(place: str | Path, options: RemoteOptions | None = None) -> BlobStore:
    """The store at ``place``: a directory, or ``s3://bucket/prefix``, ``gs://bucket/prefix``, ``az://container/prefix``.

    Nothing is sent anywhere yet: a remote store that is down is noticed by the first call. ``options`` are
    required for a remote place and mean nothing for a directory. Refuses any other scheme with ValueError.
    """
    scheme, separator, rest = str(place).partition("://")
    if not separator:
        return LocalBlobs(Path(place))
    if scheme == "file":
        return LocalBlobs(Path(rest))
    if scheme not in SCHEMES:
        raise ValueError(f"Files cannot be kept at {scheme}://. Give a directory, or one of s3://, gs:// and az://.")
    if options is None:
        raise ValueError(f"A store at {scheme}:// needs options: at least the directory where uploads are spooled.")
    return RemoteBlobs(str(place), options)
