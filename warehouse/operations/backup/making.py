"""Making a backup while the index runs: the database of one moment, then every blob that it refers to."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from warehouse import __version__
from warehouse.errors import Conflict
from warehouse.infra.blobs import BlobMissing, LocalBlobs
from warehouse.infra.disk import sync, write_durably
from warehouse.infra.dump import dump
from warehouse.operations.backup.manifest import (
    BLOBS,
    FORMAT,
    MANIFEST,
    SECRET,
    Manifest,
    for_each,
    keys_in,
    mark_of,
    sha256_of,
    write_manifest,
)
from warehouse.work import Progress, Tools

OURS = re.compile(rf"{BLOBS}|{SECRET}|{MANIFEST}|({SECRET}|{MANIFEST})\.new|(database|blobs)-\w+\.(dump|list)")
NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES)
KEYS_AT_ONCE = 10_000

_COUNTS = text("""
    SELECT (SELECT coalesce(max(serial), 0) FROM journal) AS serial, (SELECT count(*) FROM users) AS users,
        (SELECT count(*) FROM projects) AS projects, (SELECT count(*) FROM releases) AS releases,
        (SELECT count(*) FROM files) AS files, (SELECT coalesce(sum(size), 0)::bigint FROM files) AS bytes
""")
_KEYS = text("""
    SELECT blake2_256 AS key FROM files
    UNION SELECT metadata_blake2_256 FROM files WHERE metadata_blake2_256 IS NOT NULL
    ORDER BY key
""")


def make_backup(
    tools: Tools, folder: Path, *, pg_dump: Path, with_blobs: bool = True, progress: Progress | None = None
) -> Manifest:
    """Copy the index as it is at one moment into ``folder``, which is empty or holds earlier backups.

    The backup that was there stays good until the new one is finished. Blobs are hard links where that is possible.
    Refuses (:class:`Conflict`) a folder with other things in it, and when a blob that the database refers to was
    removed meanwhile; then running it again helps.
    """
    tell = progress or (lambda what, done, total: None)
    with _held(folder):
        names = _Names(folder, f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        counts, number = _save_database(tools, names, pg_dump, tell)
        if with_blobs:
            _save_blobs(tools, folder, names.blob_list, number, tell)
        own = tools.settings.site.secret is None
        if own:
            write_durably(folder / SECRET, tools.secret)
        manifest = Manifest(
            format=FORMAT,
            version=__version__,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            **counts,
            dump=names.dump.name,
            dump_sha256=sha256_of(names.dump),
            blob_list=names.blob_list.name,
            blob_list_sha256=sha256_of(names.blob_list),
            blobs=number if with_blobs else None,
            has_secret=own,
            secret_mark=mark_of(tools.secret),
        )
        write_manifest(folder, manifest)
        names.forget_others()
    return manifest


@dataclass(frozen=True)
class _Names:
    """The files of this backup that no other has."""

    folder: Path
    stamp: str

    @property
    def dump(self) -> Path:
        return self.folder / f"database-{self.stamp}.dump"

    @property
    def blob_list(self) -> Path:
        return self.folder / f"blobs-{self.stamp}.list"

    def forget_others(self) -> None:
        """Remove what earlier backups, and those that were cut off, left behind; blobs stay."""
        for pattern in ("database-*.dump", "blobs-*.list"):
            for path in self.folder.glob(pattern):
                if path not in (self.dump, self.blob_list):
                    path.unlink()


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder, for nobody else to make a backup into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    strange = next((path.name for path in sorted(folder.iterdir()) if not OURS.fullmatch(path.name)), None)
    if strange is not None:
        raise Conflict(f"{folder} holds {strange!r}, which is no part of a backup. Choose an empty folder.")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another backup into {folder} is running. Wait until it is done.") from error
        yield
    finally:
        os.close(descriptor)


def _save_database(tools: Tools, names: _Names, pg_dump: Path, tell: Progress) -> tuple[dict[str, int], int]:
    """Dump the database, and list its blobs, as one snapshot shows them; the counts, and the number of blobs."""
    tell("database", 0, 1)
    with tools.database.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        counts = dict(connection.execute(_COUNTS).mappings().one())
        number = _write_list(connection, names.blob_list)
        dump(pg_dump, tools.database.url, names.dump, snapshot=str(snapshot))
    names.dump.chmod(0o600)
    sync(names.dump)
    tell("database", 1, 1)
    return counts, number


def _write_list(connection: Connection, path: Path) -> int:
    number = 0
    with path.open("x", encoding="ascii") as out:
        for rows in connection.execute(_KEYS, execution_options={"yield_per": KEYS_AT_ONCE}).scalars().partitions():
            out.writelines(f"{key}\n" for key in rows)
            number += len(rows)
        out.flush()
        os.fsync(out.fileno())
    return number


def _save_blobs(tools: Tools, folder: Path, blob_list: Path, number: int, tell: Progress) -> None:
    """Bring every blob of the list into the folder, where it is not there yet."""
    copies = _Copies(tools, folder / BLOBS)
    gone: list[str] = []

    def take(key: str) -> None:
        try:
            copies.take(key)
        except BlobMissing:
            gone.append(key)

    for_each(keys_in(blob_list), take, lambda done: tell("files", done, number))
    os.sync()  # the names of links, also those that an earlier backup made before it was cut off
    if gone:
        # Somebody removed a file, and the sweeper its blob, after the dump: the next dump does not refer to it.
        raise Conflict(
            f"{len(gone)} stored files that the database refers to are gone, {gone[0]} for one. Run the backup again; "
            "if that does not help, 'warehouse check' tells which files are damaged.",
            code="blobs_gone",
        )


class _Copies:
    """The blobs of a backup folder."""

    def __init__(self, tools: Tools, root: Path) -> None:
        self._source = tools.blobs
        self._store = LocalBlobs(root)
        self._linking = True

    def take(self, key: str) -> None:
        """Link or copy the blob, unless it is there. Raises BlobMissing, and refuses to copy a damaged one."""
        target = self._store.local_path(key)
        if target.exists():
            return
        source = self._source.local_path(key)
        if source is None or not self._linking or not self._link(key, source, target):
            self._copy(key)

    def _link(self, key: str, source: Path, target: Path) -> bool:
        """A second name for the same bytes, which never change in place. False where the system has none."""
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except FileNotFoundError as error:
            raise BlobMissing(f"No blob is kept under {key}.") from error
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            self._linking = error.errno == errno.EMLINK
            return False
        return True

    def _copy(self, key: str) -> None:
        chunks = self._source.open(key)
        fresh = self._store.temporary()
        digest = hashlib.blake2b(digest_size=32)
        try:
            with fresh.open("xb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != key:
                raise Conflict(f"The stored file {key} is damaged. 'warehouse check' tells which files are.")
            self._store.put(key, fresh, size=fresh.stat().st_size)
        finally:
            fresh.unlink(missing_ok=True)
