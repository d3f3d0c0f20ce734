"""Checking that an index is whole: every row's bytes are there, and everything derived says what it is derived from.

Nothing is repaired. The index goes on working meanwhile: rows are read in batches by their key rather than through one
long cursor, whose snapshot would keep the database from cleaning up while terabytes are read, and a file that seems
damaged is looked up once more, because it may just have been removed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, text

from warehouse.domain.packaging import File, Project, Release
from warehouse.infra.blobs import BlobDamaged, BlobMissing, BlobTooLarge
from warehouse.infra.db import allow_statements
from warehouse.infra.jobs import job
from warehouse.operations.sweeping import unreferenced_blobs
from warehouse.standards.versions import sort_key
from warehouse.work import SYSTEM, Progress, Tools, Work, begin

log = logging.getLogger("warehouse.checking")

BATCH = 500
MOST_FINDINGS = 10_000
METADATA_LIMIT = 64 * 1024**2
PATIENCE = timedelta(hours=1)


class Finding(NamedTuple):
    """One thing that is wrong: a stable code, and a sentence that names what it is about."""

    code: str
    sentence: str


@dataclass
class Report:
    """What a check found. ``found`` counts all findings; of more than MOST_FINDINGS only the first are kept."""

    files: int = 0
    bytes: int = 0
    projects: int = 0
    releases: int = 0
    unreferenced_blobs: int = 0
    unreferenced_bytes: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0

    def add(self, code: str, sentence: str) -> None:
        """Note something that is wrong."""
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, sentence))


@job(queue="housekeeping", unique=True, retries=0)
def check(work: Work) -> None:
    """Check everything but the bytes themselves, and log what is wrong as errors."""
    report = check_index(work.tools, rehash=False)
    for finding in report.findings:
        log.error("the index is damaged: %s", finding.sentence, extra={"finding": finding.code})
    log.info("checked %d files: %d findings", report.files, report.found, extra={"findings": report.found})


def check_index(tools: Tools, *, files: bool = True, rehash: bool = True, progress: Progress | None = None) -> Report:
    """Look for everything that cannot be in a whole index. ``rehash`` reads every byte of every blob.

    Without ``files`` only the database is looked at, of an index that was filled without their bytes. Memory stays
    bounded whatever the number and size of files. Blobs that no file refers to are counted, and are a finding only
    when the sweeper should have removed them long ago.
    """
    report = Report()
    tell = progress or (lambda what, done, total: None)
    if files:
        _check_files(tools, report, rehash=rehash, tell=tell)
    _check_releases(tools, report, tell)
    _check_derived(tools, report, tell)
    if files:
        _check_blobs(tools, report, tell)
    return report


def _check_files(tools: Tools, report: Report, *, rehash: bool, tell: Progress) -> None:
    with begin(tools, SYSTEM) as work:
        total = work.db.scalar(select(func.count()).select_from(File)) or 0
    for files in _batches(tools, File, File.id):
        for file in files:
            wrong = list(_wrong_with(tools, file, rehash=rehash))
            if wrong and _still_there(tools, file):
                for finding in wrong:
                    report.add(*finding)
            report.files += 1
            report.bytes += file.size
        tell("files", report.files, total)


def _wrong_with(tools: Tools, file: File, *, rehash: bool) -> Iterator[Finding]:
    stat = tools.blobs.stat(file.blake2_256)
    if stat is None:
        yield Finding("blob_missing", f"The bytes of {file.filename} are gone: there is no blob {file.blake2_256}.")
    elif stat.size != file.size:
        sizes = f"{stat.size} instead of {file.size} bytes"
        yield Finding("blob_size", f"The blob {file.blake2_256} of {file.filename} has {sizes}.")
    elif rehash:
        yield from _wrong_bytes(tools, file)
    if file.metadata_blake2_256 is not None:
        yield from _wrong_metadata(tools, file, file.metadata_blake2_256, rehash=rehash)


def _wrong_bytes(tools: Tools, file: File) -> Iterator[Finding]:
    digests: list[Any] = [hashlib.blake2b(digest_size=32), hashlib.sha256(), hashlib.md5(usedforsecurity=False)]
    try:
        for chunk in tools.blobs.open(file.blake2_256):
            for digest in digests:
                digest.update(chunk)
    except BlobMissing:
        yield Finding("blob_missing", f"The bytes of {file.filename} are gone: there is no blob {file.blake2_256}.")
        return
    except BlobDamaged as error:
        yield Finding("blob_damaged", f"The bytes of {file.filename} cannot be read to their end: {error}")
        return
    names = (("BLAKE2b", file.blake2_256), ("SHA-256", file.sha256), ("MD5", file.md5))
    for digest, (name, expected) in zip(digests, names, strict=True):
        if digest.hexdigest() != expected:
            hashed = f"have the {name} digest {digest.hexdigest()} instead of {expected}"
            yield Finding("blob_damaged", f"The bytes of {file.filename} {hashed}.")


def _wrong_metadata(tools: Tools, file: File, key: str, *, rehash: bool) -> Iterator[Finding]:
    if not rehash:
        if tools.blobs.stat(key) is None:
            yield Finding("metadata_missing", f"The metadata of {file.filename} is gone: there is no blob {key}.")
        return
    try:
        data = tools.blobs.read(key, METADATA_LIMIT)
    except BlobMissing:
        yield Finding("metadata_missing", f"The metadata of {file.filename} is gone: there is no blob {key}.")
        return
    except (BlobDamaged, BlobTooLarge):
        data = b""
    found = (hashlib.blake2b(data, digest_size=32).hexdigest(), hashlib.sha256(data).hexdigest())
    if found != (key, file.metadata_sha256):
        yield Finding("metadata_damaged", f"The metadata kept for {file.filename} is not what its digests promise.")


def _still_there(tools: Tools, file: File) -> bool:
    """Whether the file is still in the index: a missing blob of one that was just removed is as it should be."""
    with begin(tools, SYSTEM) as work:
        return work.db.scalar(select(File.id).where(File.id == file.id)) is not None


def _check_releases(tools: Tools, report: Report, tell: Progress) -> None:
    with begin(tools, SYSTEM) as work:
        total = work.db.scalar(select(func.count()).select_from(Release)) or 0
    columns = (Release.id, Release.version, Release.version_key, Release.project_id)
    for releases in _batches(tools, columns, Release.id):
        for release in releases:
            if release.version_key != sort_key(release.version):
                name = _project_name(tools, release.project_id)
                report.add("version_key", f"Release {release.version} of {name} would be sorted in the wrong place.")
        report.releases += len(releases)
        tell("releases", report.releases, total)


def _project_name(tools: Tools, project_id: Any) -> str:
    with begin(tools, SYSTEM) as work:
        return work.db.scalar(select(Project.name).where(Project.id == project_id)) or "a project that is gone"


def _batches(tools: Tools, what: Any, key: Any) -> Iterator[list[Any]]:
    """Everything, by rising key, in batches that each have a short transaction of their own."""
    last = 0
    while True:
        query = select(*what) if isinstance(what, tuple) else select(what)
        with begin(tools, SYSTEM) as work:
            result = work.db.execute(query.where(key > last).order_by(key).limit(BATCH))
            rows = list(result if isinstance(what, tuple) else result.scalars())
        if not rows:
            return
        last = rows[-1].id
        yield rows


# Each names what is wrong in one statement, so in one state of the index: what commits meanwhile cannot confuse it.
_DERIVED = (
    (
        "project_serial",
        "The newest serial of {0} is kept as {1}, but the journal says {2}.",
        """
        SELECT coalesce(kept.normalized_name, entry.name), coalesce(kept.serial, 0), coalesce(entry.serial, 0)
        FROM project_serials AS kept
        FULL JOIN (SELECT normalized_name AS name, max(serial) AS serial FROM journal GROUP BY normalized_name) AS entry
        ON entry.name = kept.normalized_name
        WHERE kept.serial IS DISTINCT FROM entry.serial
        """,
    ),
    (
        "total_size",
        "{0} is said to hold {1} bytes, but its files add up to {2}.",
        """
        SELECT project.name, project.total_size, coalesce(sum(file.size), 0)
        FROM projects AS project LEFT JOIN files AS file ON file.project_id = project.id
        GROUP BY project.id HAVING project.total_size <> coalesce(sum(file.size), 0)
        """,
    ),
    (
        "file_name",
        "The file name {0} is in use but not kept as used, so it could be given to other contents later.",
        """
        SELECT filename FROM files
        WHERE NOT EXISTS (SELECT FROM file_names AS used WHERE used.filename = files.filename)
        """,
    ),
    (
        "file_project",
        "The file {0} belongs to another project than its release.",
        """
        SELECT filename FROM files JOIN releases ON releases.id = release_id
        WHERE releases.project_id <> files.project_id
        """,
    ),
    (
        "index_total",
        "The index is said to hold {0} bytes, but the totals of its projects add up to {1}. Rebuild the totals.",
        """
        SELECT kept.size, added.up FROM index_totals AS kept
        CROSS JOIN (SELECT coalesce(sum(size), 0) AS up FROM project_totals) AS added
        WHERE kept.size <> added.up
        """,
    ),
    (
        "dependent_count",
        "{0} is said to have {1} dependents, but {2} are known. Rebuild the dependents.",
        """
        SELECT coalesce(kept.normalized_name, known.depends_on), coalesce(kept.number, 0), coalesce(known.number, 0)
        FROM dependent_counts AS kept
        FULL JOIN (
            SELECT depends_on, count(*) AS number FROM dependencies WHERE extra = '' GROUP BY depends_on
        ) AS known ON known.depends_on = kept.normalized_name
        WHERE kept.number IS DISTINCT FROM known.number
        """,
    ),
    (
        "follower_cursor",
        "The follower {0} claims to have applied entry {1}, but the journal ends at {2}. Rebuild it.",
        """
        SELECT follower, kept.serial, coalesce((SELECT max(serial) FROM journal), 0) FROM follower_cursors AS kept
        WHERE kept.serial > coalesce((SELECT max(serial) FROM journal), 0)
        """,
    ),
)


def _check_derived(tools: Tools, report: Report, tell: Progress) -> None:
    with begin(tools, SYSTEM) as work:
        report.projects = work.db.scalar(select(func.count()).select_from(Project)) or 0
    for done, (code, sentence, query) in enumerate(_DERIVED, start=1):
        with begin(tools, SYSTEM) as work:
            allow_statements(work.db, PATIENCE)
            # A server-side cursor: damage can be as large as the index.
            for row in work.db.execute(text(query), execution_options={"yield_per": BATCH}):
                report.add(code, sentence.format(*row))
        tell("derived tables", done, len(_DERIVED))


def _check_blobs(tools: Tools, report: Report, tell: Progress) -> None:
    """Count the blobs that no file refers to; one that the sweeper has passed over for days is a finding."""
    now = datetime.now(UTC)
    before = now - 2 * tools.settings.storage.sweep_after - timedelta(days=1)
    for blob in unreferenced_blobs(tools, before=now):
        report.unreferenced_blobs += 1
        report.unreferenced_bytes += blob.size
        if blob.modified_at < before:
            report.add(
                "blob_unswept", f"No file refers to the blob {blob.key}, and it was not swept. Is a worker running?"
            )
    tell("blobs", 1, 1)
