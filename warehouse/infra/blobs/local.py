"""Blobs as files in a directory, each durable before anybody hears of it."""

from __future__ import annotations

import os
import re
import shutil
import stat as modes
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from uuid import uuid4

from warehouse.infra import disk
from warehouse.infra.blobs.contract import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobKey,
    BlobStat,
    BlobStoreUnavailable,
    BlobTooLarge,
    check_range,
    key_of,
    missing,
    parse_key,
    parse_key_prefix,
    path_of,
)

_FILE_MODE = 0o640
_DIRECTORY_MODE = 0o750
_PRIVATE_DIRECTORY_MODE = 0o700


class LocalBlobs:
    """A store in ``root``: blobs at root/aa/rest, unfinished uploads in ``root/tmp``, all on one file system.

    Files are readable by the owner and the group, so that a web server in front may send them, and by nobody else.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root).absolute()
        self._temporary = self.root / "tmp"
        self._durable: set[Path] = set()
        self.root.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        self._temporary.mkdir(mode=_PRIVATE_DIRECTORY_MODE, exist_ok=True)

    def temporary(self) -> Path:
        return self._temporary / uuid4().hex

    def put(self, key: str, path: Path, *, size: int, synced: bool = False) -> None:
        target = self._path(parse_key(key))
        with _disk_trouble(), self._near(path) as near:
            _prepare(near, size, synced=synced and near == path)
            self._make_durable_directory(target.parent)
            near.rename(target)
            disk.sync(target.parent)

    def put_bytes(self, key: str, data: bytes) -> None:
        if parse_key(key) != key_of(data):
            raise BlobDamaged(f"These {len(data)} bytes are not the content of {key}.")
        path = self.temporary()
        try:
            with _disk_trouble(), path.open("xb") as file:
                file.write(data)
            self.put(key, path, size=len(data))
        finally:
            path.unlink(missing_ok=True)

    def open(self, key: str, start: int = 0, end: int | None = None) -> Generator[bytes]:
        path = self._path(parse_key(key))
        check_range(start, end)
        try:
            with _disk_trouble():
                return _chunks(FileIO(path), key, start, end)
        except FileNotFoundError:
            raise missing(key) from None

    def read(self, key: str, limit: int) -> bytes:
        data = b"".join(self.open(key, 0, limit + 1))
        if len(data) > limit:
            raise BlobTooLarge(f"The blob {key} is larger than {limit} bytes.")
        return data

    def stat(self, key: str) -> BlobStat | None:
        parsed = parse_key(key)
        try:
            with _disk_trouble():
                return _described(parsed, self._path(parsed).stat())
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        # The directory is not synced: a deletion that a power cut undoes leaves an unreferenced blob, swept again.
        with _disk_trouble():
            self._path(parse_key(key)).unlink(missing_ok=True)

    def keys(self, *, prefix: str = "", after: str = "") -> Generator[BlobStat]:
        return self._walk(self.root, "", parse_key_prefix(prefix), parse_key_prefix(after))

    def sweep_temporary(self, older_than: timedelta) -> int:
        return sweep_directory(self._temporary, older_than)

    def local_path(self, key: str) -> Path:
        return self._path(parse_key(key))

    def url(self, key: str, *, expires: timedelta, filename: str, content_type: str) -> None:
        parse_key(key)

    def _path(self, key: BlobKey) -> Path:
        return self.root / path_of(key)

    @contextmanager
    def _near(self, path: Path) -> Iterator[Path]:
        """The path itself, or a copy in ``tmp`` of a file on another file system, where a rename does not reach."""
        if path.lstat().st_dev == self._temporary.stat().st_dev:
            yield path
            return
        copy = self.temporary()
        try:
            shutil.copyfile(path, copy)
            yield copy
            path.unlink()
        finally:
            copy.unlink(missing_ok=True)

    def _make_durable_directory(self, directory: Path) -> None:
        """Make the directory, and sync the entry that names it.

        An existing directory may have been made a moment ago by another process that has not synced its name yet, and
        a power cut would take our file away with it: each process syncs each name once before it relies on it.
        """
        if directory in self._durable:
            return
        directory.mkdir(mode=_DIRECTORY_MODE, exist_ok=True)
        disk.sync(directory.parent)
        self._durable.add(directory)

    def _walk(self, directory: Path, begun: str, prefix: str, after: str) -> Generator[BlobStat]:
        """The blobs below ``directory``, the names of which make the keys' first characters ``begun``."""
        deepest = len(begun) == 2
        name = re.compile("[0-9a-f]{62}" if deepest else "[0-9a-f]{2}")
        for found in sorted(entry.name for entry in directory.iterdir() if name.fullmatch(entry.name)):
            grown = begun + found
            if grown[: len(prefix)] != prefix[: len(grown)] or grown < after[: len(grown)]:
                continue
            if not deepest:
                yield from self._walk(directory / found, grown, prefix, after)
            elif grown > after and (blob := self.stat(grown)):
                yield blob


def sweep_directory(directory: Path, older_than: timedelta) -> int:
    """Remove the files in ``directory`` last written longer ago than ``older_than``, and say how many they were."""
    until = time.time() - older_than.total_seconds()
    swept = 0
    for path in directory.iterdir():
        # A file that vanishes meanwhile belongs to an upload that has just finished.
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime < until:
                path.unlink()
                swept += 1
    return swept


@contextmanager
def _disk_trouble() -> Iterator[None]:
    """Tell a disk that cannot take or give bytes, which an operator can cure, from a bug."""
    try:
        yield
    except OSError as error:
        if (trouble := disk.trouble(error)) is None:
            raise
        raise BlobStoreUnavailable(f"The disk that keeps the files {trouble}. Try again later.") from error


def _prepare(path: Path, size: int, *, synced: bool) -> None:
    """Everything that must be true of the file before it gets its final name."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not modes.S_ISREG(found.st_mode) or found.st_size != size:
            raise BlobDamaged(f"The file to be kept has {found.st_size} bytes instead of {size}.")
        os.fchmod(descriptor, _FILE_MODE)
        os.utime(descriptor)  # the age of a blob counts from its last put, not from the first byte of a slow upload
        if not synced:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _described(key: BlobKey, found: os.stat_result) -> BlobStat:
    return BlobStat(key=key, size=found.st_size, modified_at=datetime.fromtimestamp(found.st_mtime, UTC))


def _chunks(file: FileIO, key: str, start: int, end: int | None) -> Generator[bytes]:
    with file, _disk_trouble():
        size = os.fstat(file.fileno()).st_size
        left = max(0, min(size, size if end is None else end) - start)
        file.seek(start)
        while left:
            chunk = file.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise BlobDamaged(f"The blob {key} ends {left} bytes early.")
            left -= len(chunk)
            yield chunk
