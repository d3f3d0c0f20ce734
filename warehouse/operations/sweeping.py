"""Removing stored blobs that no file refers to: leftovers of removed files and of uploads that were cut off."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from warehouse.domain.packaging import FileName
from warehouse.errors import Conflict
from warehouse.infra.blobs import BlobStat
from warehouse.infra.jobs import job
from warehouse.operations.upload.store import BLOB_LOCKS, lock_of
from warehouse.work import SYSTEM, Tools, Work, begin

log = logging.getLogger("warehouse.sweeping")

BATCH = 500

_UNREFERENCED = text("""
    SELECT key FROM unnest(CAST(:keys AS text[])) AS key
    WHERE NOT EXISTS (SELECT FROM files WHERE blake2_256 = key)
    AND NOT EXISTS (SELECT FROM files WHERE metadata_blake2_256 = key)
""")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:locks, :key)")


@dataclass(frozen=True)
class Swept:
    """How many blobs were removed, and how many bytes they held."""

    count: int
    bytes: int


@job(queue="housekeeping", unique=True, retries=0)
def sweep(work: Work) -> None:
    """Sweep as the settings say; the job's own transaction stays unused, for this may take long."""
    older_than = work.settings.storage.sweep_after
    swept = sweep_blobs(work.tools, older_than=older_than)
    unfinished = work.tools.blobs.sweep_temporary(older_than)
    log.info(
        "swept %d blobs and %d unfinished files",
        swept.count,
        unfinished,
        extra={"blobs": swept.count, "bytes": swept.bytes, "unfinished": unfinished},
    )


def sweep_blobs(tools: Tools, *, older_than: timedelta, dry_run: bool = False) -> Swept:
    """Remove every blob that was put longer ago than this and that no file refers to; with ``dry_run`` only count.

    Safe beside uploads of the same bytes. Refuses (Conflict) to empty a store on the word of an index that never had a
    file: more likely it was given the wrong database.
    """
    before = datetime.now(UTC) - older_than
    count = size = 0
    for blob in unreferenced_blobs(tools, before=before):
        if not dry_run and count == 0:
            _refuse_if_never_had_a_file(tools)
        if dry_run or _remove(tools, blob, before):
            count += 1
            size += blob.size
    return Swept(count, size)


def unreferenced_blobs(tools: Tools, *, before: datetime) -> Iterator[BlobStat]:
    """The blobs that were put before this time and that no file refers to at the moment; memory stays bounded."""
    old = (blob for blob in tools.blobs.keys(after="") if blob.modified_at < before)
    while batch := list(itertools.islice(old, BATCH)):
        with begin(tools, SYSTEM) as work:
            keys = _no_file_has(work.db, [blob.key for blob in batch])
        yield from (blob for blob in batch if blob.key in keys)


def _refuse_if_never_had_a_file(tools: Tools) -> None:
    with begin(tools, SYSTEM) as work:
        if work.db.scalar(select(FileName.filename).limit(1)) is None:
            raise Conflict(
                "The store holds blobs, but this index never had a file. Check that it uses the right database.",
                code="never_had_a_file",
            )


def _remove(tools: Tools, blob: BlobStat, before: datetime) -> bool:
    """Remove the blob unless an upload wants it: one that runs holds its lock, one that has just ended refers to it.

    Everything is looked at again under the lock, which keeps the next upload of these bytes waiting until they are
    gone, so that it stores them again.
    """
    with begin(tools, SYSTEM) as work:
        if not work.db.scalar(_TRY_LOCK, {"locks": BLOB_LOCKS, "key": lock_of(blob.key)}):
            return False
        if not _no_file_has(work.db, [blob.key]):
            return False
        now = tools.blobs.stat(blob.key)
        if now is None or now.modified_at >= before:
            return False
        tools.blobs.delete(blob.key)
        return True


def _no_file_has(db: Session, keys: list[str]) -> set[str]:
    return set(db.scalars(_UNREFERENCED, {"keys": keys}))
