"""Counting the downloads that logs tell of: those of a CDN, or of a web server that has the files."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy.dialects.postgresql import insert

from warehouse.domain.packaging import DownloadImport
from warehouse.domain.packaging.downloads import Fetched, count_put_aside, put_aside
from warehouse.errors import Conflict, Invalid
from warehouse.infra.db import allow_statements
from warehouse.infra.jobs import enqueue
from warehouse.operations.downloads.adding_up import add_up_downloads, fold_old_downloads
from warehouse.standards.download_logs import LONGEST_LINE, BadLine, read_line
from warehouse.standards.fetchers import Fetcher, fetcher
from warehouse.work import Work

PATIENCE = timedelta(hours=1)
MOST_SUMS = 100_000  # that are kept in memory; more are put aside in the database
GZIP = b"\x1f\x8b"
STEP = 8 * 1024**2  # bytes between two words about the progress


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


Told = Callable[[int, int], None]
Sum = tuple[date, str, Fetcher]


@dataclass
class Imported:
    """What became of a log: how many lines told of downloads of files of this index, and which could not be read."""

    downloads: int = 0
    unknown: int = 0
    """Downloads of what is no file of this index, any more or ever."""
    others: int = 0
    """Lines that tell of something else."""
    bad: int = 0
    first_bad: int | None = None
    """The number of the first line that could not be read."""
    is_known: bool = False
    """The same log was imported before, and not counted again."""


def import_log(work: Work, path: Path, told: Told = lambda done, total: None) -> Imported:
    """Count the downloads in a log, which may be compressed with gzip; all of them or none. ``told`` counts bytes.

    The same content is counted once, whatever the file is called, and compressed or not. Refuses with
    :class:`Invalid` what cannot be read, and with :class:`Conflict` a file that is written to meanwhile.
    """
    allow_statements(work.db, PATIENCE)
    imported = Imported()
    try:
        before = path.stat()
        sha256 = _put_aside_all(work, path, imported, told)
        after = path.stat()
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"{path} cannot be read: {error}", code="unreadable") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Conflict(f"{path} was written to while it was read. Import it when it is complete.", code="log_grows")
    row = {"sha256": sha256, "filename": path.name, "number": imported.downloads}
    added = insert(DownloadImport).values(row).on_conflict_do_nothing().returning(DownloadImport.sha256)
    if work.db.scalar(added) is None:  # whoever imports the same at this moment is waited for
        return Imported(is_known=True)
    counted, first = count_put_aside(work.db)
    imported.unknown, imported.downloads = imported.downloads - counted, counted
    if first is not None:
        enqueue(work.db, add_up_downloads, since=first.isoformat())
        enqueue(work.db, fold_old_downloads)
    return imported


def _put_aside_all(work: Work, path: Path, imported: Imported, told: Told) -> str:
    """Put the sums of a log aside in the database; the digest of what was read."""
    sha256, size, said = hashlib.sha256(), path.stat().st_size, 0
    sums: Counter[Sum] = Counter()
    for number, (at, line) in enumerate(_lines(path, sha256), start=1):
        try:
            found = read_line(line)
        except BadLine:
            imported.bad += 1
            imported.first_bad = imported.first_bad or number
            continue
        if found is None:
            imported.others += 1
            continue
        imported.downloads += 1
        sums[found.day, found.blake2_256, fetcher(found.user_agent)] += 1
        if len(sums) >= MOST_SUMS:
            _put_aside(work, sums)
        if at - said >= STEP:
            said = at
            told(at, size)
    _put_aside(work, sums)
    told(size, size)
    return sha256.hexdigest()


def _put_aside(work: Work, sums: Counter[Sum]) -> None:
    put_aside(work.db, (Fetched(day, digest, *who, number) for (day, digest, who), number in sums.items()))
    sums.clear()


def _lines(path: Path, digest: _Digest) -> Iterator[tuple[int, bytes]]:
    """The lines, and how much of the file was read; of one that is too long only its beginning, which is no line."""
    with path.open("rb") as raw:
        is_compressed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        with gzip.open(raw) if is_compressed else raw as file:
            while line := file.readline(LONGEST_LINE):
                digest.update(line)
                yield raw.tell(), line
                while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    line = file.readline(LONGEST_LINE)
                    digest.update(line)
