"""Blobs as objects in S3, Google Cloud Storage or Azure, through obstore."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

from warehouse.infra.blobs import presign
from warehouse.infra.blobs.contract import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobKey,
    BlobMissing,
    BlobStat,
    BlobStoreUnavailable,
    BlobTooLarge,
    check_range,
    key_at,
    key_of,
    missing,
    parse_key,
    parse_key_prefix,
    path_of,
)
from warehouse.infra.blobs.local import sweep_directory

SCHEMES = frozenset({"s3", "gs", "az"})

_PART_BYTES = 5 * 1024 * 1024  # the smallest that S3 takes, except for the last one
_PARTS_AT_ONCE = 4
_LISTED_AT_ONCE = 1000


@dataclass(frozen=True)
class RemoteOptions:
    """How to reach an object store, and for how long to try.

    ``config`` is what the provider needs, by obstore's names: ``endpoint``, ``region``, ``access_key_id`` and
    ``secret_access_key`` for S3 and what speaks its protocol; ``service_account_path`` for Google; ``account_name``
    and ``account_key`` for Azure. Uploads are written to ``spool``, a local directory, before they are sent.
    """

    spool: Path
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect_timeout: timedelta = timedelta(seconds=2)
    timeout: timedelta = timedelta(seconds=5)
    """For a small request as a whole, and how long anything is tried again."""
    stall_timeout: timedelta = timedelta(seconds=30)
    """For one part of an upload, and for the silence between two chunks of a download."""
    transfer_timeout: timedelta = timedelta(hours=1)
    """For one download as a whole."""
    retries: int = 2


class RemoteBlobs:
    """A store at ``s3://bucket/prefix``, ``gs://bucket/prefix`` or ``az://container/prefix``.

    Open it in the process that uses it: its connections do not survive a fork.
    An upload that is interrupted leaves parts that nobody sees and that the provider charges for: give the bucket a
    rule that aborts incomplete multipart uploads after a day.
    """

    def __init__(self, url: str, options: RemoteOptions) -> None:
        self._url = url
        self._options = options
        self._quick = _connected(url, options, {"timeout": options.timeout})
        self._bulk = _connected(
            url, options, {"timeout": options.transfer_timeout, "read_timeout": options.stall_timeout}
        )
        self._spool = Path(options.spool).absolute()
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)

    def temporary(self) -> Path:
        return self._spool / uuid4().hex

    def put(self, key: str, path: Path, *, size: int, synced: bool = False) -> None:
        parsed = parse_key(key)
        found = path.stat().st_size
        if found != size:
            raise BlobDamaged(f"The file to be kept has {found} bytes instead of {size}.")
        if size <= _PART_BYTES:
            self._send(parsed, size, _verified_whole(path, parsed))
        else:
            self._send(parsed, size, _verified_chunks(path, parsed))
        path.unlink()

    def put_bytes(self, key: str, data: bytes) -> None:
        if parse_key(key) != key_of(data):
            raise BlobDamaged(f"These {len(data)} bytes are not the content of {key}.")
        self._send(BlobKey(key), len(data), data)

    def open(self, key: str, start: int = 0, end: int | None = None) -> Generator[bytes]:
        check_range(start, end)
        obstore = _obstore()
        if start == 0 and end is None:
            with _translated(key):
                answer = obstore.get(self._bulk, path_of(parse_key(key)))
            return _received(answer, key, answer.meta["size"])
        # A range that starts past the last byte is an error to the provider, and one that ends there is cut: ask first.
        found = self.stat(key)
        if found is None:
            raise missing(key)
        stop = found.size if end is None else min(end, found.size)
        if start >= stop:
            return _nothing()
        with _translated(key):
            answer = obstore.get(self._bulk, path_of(parse_key(key)), options={"range": (start, stop)})
        return _received(answer, key, stop - start)

    def read(self, key: str, limit: int) -> bytes:
        with _translated(key):
            answer = _obstore().get(self._quick, path_of(parse_key(key)))
        if answer.meta["size"] > limit:
            raise BlobTooLarge(f"The blob {key} is larger than {limit} bytes.")
        return b"".join(_received(answer, key, answer.meta["size"]))

    def stat(self, key: str) -> BlobStat | None:
        parsed = parse_key(key)
        try:
            with _translated(key):
                return _described(parsed, _obstore().head(self._quick, path_of(parsed)))
        except BlobMissing:
            return None

    def delete(self, key: str) -> None:
        try:
            with _translated(key):
                _obstore().delete(self._quick, path_of(parse_key(key)))
        except BlobMissing:
            return

    def keys(self, *, prefix: str = "", after: str = "") -> Generator[BlobStat]:
        return self._listed(parse_key_prefix(prefix), parse_key_prefix(after))

    def sweep_temporary(self, older_than: timedelta) -> int:
        return sweep_directory(self._spool, older_than)

    def local_path(self, key: str) -> None:
        parse_key(key)

    def url(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> str:
        """As the protocol says. ``filename`` and ``content_type`` reach the reader from S3 with a key pair only: other
        providers' addresses are signed by obstore, which has no way to say them.
        """
        path = path_of(parse_key(key))
        if signer := presign.signer_for(self._url, self._options.config):
            return signer.url(path, expires=expires, filename=filename, content_type=content_type)
        with _translated(key):
            return _obstore().sign(self._quick, "GET", path, expires)

    def _send(self, key: BlobKey, size: int, data: bytes | Iterator[bytes]) -> None:
        """Upload, replacing what is there, and have the provider confirm the size.

        The bytes are compared with the key on their way out, and the provider compares them with the signed digest of
        each request; a wrong byte fails the upload before anything is visible.
        """
        whole = isinstance(data, bytes)
        try:
            with _translated(key):
                _obstore().put(
                    self._quick if whole and size <= CHUNK_BYTES else self._bulk,
                    path_of(key),
                    data,
                    use_multipart=not whole,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
        except BlobMissing as error:
            raise _unavailable() from error  # the bucket itself
        kept = self.stat(key)
        if kept is None or kept.size != size:
            raise BlobDamaged(f"The store kept {kept and kept.size} of the {size} bytes of {key}.")

    def _listed(self, prefix: str, after: str) -> Generator[BlobStat]:
        # Providers list whole path segments, so what goes beyond them is left to us.
        segment = prefix[:2] if len(prefix) >= 2 else None
        offset = "/".join(part for part in (after[:2], after[2:]) if part)
        with _translated(prefix):
            stream = _obstore().list(self._quick, segment, offset=offset or None, chunk_size=_LISTED_AT_ONCE)
        while True:
            with _translated(prefix):
                page = next(stream, None)
            if page is None:
                return
            for listed in page:
                key = key_at(listed["path"])
                if key and key.startswith(prefix) and key > after:
                    yield _described(key, listed)


def _nothing() -> Generator[bytes]:
    yield from ()


def _obstore() -> Any:
    import obstore

    return obstore


def _connected(url: str, options: RemoteOptions, limits: Mapping[str, timedelta]) -> Any:
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    client: Any = {
        "allow_http": options.config.get("endpoint", "").startswith("http://"),
        "connect_timeout": options.connect_timeout,
        **limits,
    }
    config: Any = dict(options.config)
    retries: Any = {"max_retries": options.retries, "retry_timeout": options.timeout}
    try:
        return from_url(url, config=config, client_options=client, retry_config=retries)
    except BaseError as error:  # an option that the store does not know, or cannot read
        raise ValueError(str(error).splitlines()[0]) from error


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn obstore's errors, its own and Python's, into ours."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise _unavailable() from error
        raise missing(key) from error
    except (BaseError, OSError) as error:
        raise _unavailable() from error


def _unavailable() -> BlobStoreUnavailable:
    return BlobStoreUnavailable("The store that keeps the files does not answer as it should. Try again later.")


def _verified_whole(path: Path, key: BlobKey) -> bytes:
    data = path.read_bytes()
    if key_of(data) != key:
        raise BlobDamaged(f"The file to be kept is not the content of {key}.")
    return data


def _verified_chunks(path: Path, key: BlobKey) -> Iterator[bytes]:
    """The file in chunks; an exception instead of the end, which aborts the upload, when they do not make the key."""
    digest = blake2b(digest_size=32)
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            yield chunk
    if digest.hexdigest() != key:
        raise BlobDamaged(f"The file to be kept is not the content of {key}.")


def _received(answer: Any, key: str, size: int) -> Generator[bytes]:
    """The body of an answer in chunks of at most CHUNK_BYTES: all ``size`` bytes or an exception."""
    stream = answer.stream(min_chunk_size=CHUNK_BYTES)
    left = size
    while True:
        with _translated(key):
            piece = next(stream, None)
        if piece is None:
            break
        left -= len(piece)
        for at in range(0, len(piece), CHUNK_BYTES):
            yield bytes(piece[at : at + CHUNK_BYTES])
    if left:
        raise BlobDamaged(f"The store sent {size - left} of the {size} bytes of {key}.")


def _described(key: BlobKey, found: Mapping[str, Any]) -> BlobStat:
    return BlobStat(key=key, size=found["size"], modified_at=found["last_modified"])
