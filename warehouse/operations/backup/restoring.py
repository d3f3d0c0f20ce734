"""Bringing a backup back into an empty database and data folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from packaging.version import Version

from warehouse import __version__
from warehouse.domain import journal
from warehouse.errors import Conflict
from warehouse.infra import migrations
from warehouse.infra.blobs import BlobMissing, LocalBlobs
from warehouse.infra.disk import write_durably
from warehouse.infra.dump import is_empty, load
from warehouse.operations.backup.manifest import (
    BLOBS,
    SECRET,
    Manifest,
    for_each,
    keys_in,
    mark_of,
    read_manifest,
    sha256_of,
)
from warehouse.settings import Settings
from warehouse.toolbox import open_tools
from warehouse.work import Progress, Tools


def restore_backup(
    settings: Settings, url: str, folder: Path, *, pg_restore: Path, progress: Progress | None = None
) -> Manifest:
    """Make the empty database at ``url`` and the data folder what they were when the backup was made.

    The database comes last and as a whole, so a restore that was cut off is simply run again. Refuses
    (:class:`Conflict`) a backup that is damaged or of a newer Warehouse, a database that holds something, and a secret
    other than the backup's, with which every API token would be void.
    """
    tell = progress or (lambda what, done, total: None)
    manifest = _sound(folder)
    if not is_empty(url):
        raise Conflict(
            "The database is not empty. Restore into a new data folder (WAREHOUSE_DATA), or a new database "
            "(DATABASE_URL).",
            code="not_empty",
        )
    _restore_secret(settings, folder, manifest)
    tools = open_tools(settings, url)
    try:
        if manifest.blobs is not None:
            _restore_blobs(tools, folder, manifest, tell)
        tell("database", 0, 1)
        load(pg_restore, url, folder / manifest.dump)
        migrations.migrate(tools.database)
        with tools.database.session() as db:
            tools.head.reset(journal.last_serial(db))
        tell("database", 1, 1)
    finally:
        tools.database.dispose()
        tools.head.close()
    return manifest


def _sound(folder: Path) -> Manifest:
    """The manifest, when everything it names is there; refuses otherwise, before anything is changed."""
    manifest = read_manifest(folder)
    if Version(manifest.version) > Version(__version__):
        raise Conflict(f"The backup was made by Warehouse {manifest.version}. Install that version or a newer one.")
    named = ((manifest.dump, manifest.dump_sha256), (manifest.blob_list, manifest.blob_list_sha256))
    for name, digest in named:
        if not (folder / name).exists() or sha256_of(folder / name) != digest:
            raise Conflict(f"The backup in {folder} is damaged: {name} is not what its manifest says.", code="damaged")
    if manifest.has_secret and _secret_in(folder) is None:
        raise Conflict(f"The backup in {folder} is damaged: it lacks {SECRET}.", code="damaged")
    if manifest.blobs is not None:
        store = LocalBlobs(folder / BLOBS)
        lost = next((key for key in keys_in(folder / manifest.blob_list) if store.stat(key) is None), None)
        if lost is not None:
            raise Conflict(f"The backup in {folder} is damaged: it lacks the stored file {lost}.", code="damaged")
    return manifest


def _secret_in(folder: Path) -> bytes | None:
    path = folder / SECRET
    return path.read_bytes() if path.exists() else None


def _restore_secret(settings: Settings, folder: Path, manifest: Manifest) -> None:
    given = settings.site.secret.get_secret_value().encode() if settings.site.secret is not None else None
    here = given or _secret_in(settings.data)
    if here is not None:
        if mark_of(here) != manifest.secret_mark:
            where = "the setting site.secret" if given else f"{settings.data / SECRET}"
            raise Conflict(
                f"The index of the backup had another secret than {where}: all of its API tokens would be void. "
                "Give the old one, or restore into a new data folder.",
                code="other_secret",
            )
        return
    secret = _secret_in(folder) if manifest.has_secret else None
    if secret is None:
        raise Conflict("The index of the backup had its secret from the setting site.secret. Give the same one here.")
    if mark_of(secret) != manifest.secret_mark:
        raise Conflict(f"The backup in {folder} is damaged: {SECRET} is not what its manifest says.", code="damaged")
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(settings.data / SECRET, secret)


def _restore_blobs(tools: Tools, folder: Path, manifest: Manifest, tell: Progress) -> None:
    store = LocalBlobs(folder / BLOBS)

    def bring(key: str) -> None:
        if tools.blobs.stat(key) is None:
            _restore_blob(tools, store, key)

    for_each(keys_in(folder / manifest.blob_list), bring, lambda done: tell("files", done, manifest.blobs or 0))


def _restore_blob(tools: Tools, store: LocalBlobs, key: str) -> None:
    """A copy, and never a link: what happens to one disk or folder must not happen to the backup."""
    fresh = tools.blobs.temporary()
    digest = hashlib.blake2b(digest_size=32)
    try:
        with fresh.open("xb") as file:
            for chunk in store.open(key):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != key:
            raise Conflict(f"The backup is damaged: its stored file {key} has other contents.", code="damaged")
        tools.blobs.put(key, fresh, size=fresh.stat().st_size)
    except BlobMissing as error:
        raise Conflict(f"The backup is damaged: it lacks the stored file {key}.", code="damaged") from error
    finally:
        fresh.unlink(missing_ok=True)
