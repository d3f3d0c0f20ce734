"""The journal of a mirror: entries with the serials and times that they have at the origin."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.domain.journal.notices import drop_pages
from warehouse.domain.journal.writing import CHANNEL, LOCK, NEWEST
from warehouse.errors import Conflict

# The sequence is kept ahead, for the day on which this index is no mirror any more.
_COPY = text("""
    WITH copied AS (
        INSERT INTO journal (serial, project, normalized_name, version, change, action, submitted_at)
        SELECT * FROM unnest(
            CAST(:serial AS bigint[]), CAST(:project AS text[]), CAST(:normalized_name AS text[]),
            CAST(:version AS text[]), CAST(:change AS text[]), CAST(:action AS text[]), CAST(:at AS timestamptz[])
        )
        RETURNING serial, normalized_name
    ), raised AS (
        INSERT INTO project_serials (normalized_name, serial)
        SELECT normalized_name, max(serial) FROM copied GROUP BY normalized_name
        ON CONFLICT (normalized_name) DO UPDATE SET serial = excluded.serial
    )
    SELECT newest, setval(pg_get_serial_sequence('journal', 'serial'), newest),
        pg_notify(:channel, CAST(newest AS text))
    FROM (SELECT max(serial) AS newest FROM copied) AS news
""")

# Followers look at the present of what they are given, and do not mind to be given it again.
_REWIND = text("""
    UPDATE follower_cursors SET serial = entry.serial - 1
    FROM (SELECT min(serial) AS serial FROM project_serials WHERE normalized_name = ANY(:names)) AS entry
    WHERE follower_cursors.serial >= entry.serial
""")


class CopiedEntry(NamedTuple):
    """One entry of another index's journal."""

    serial: int
    project: str
    normalized_name: str
    version: str | None
    change: str
    action: str
    at: datetime


def newest_entry(db: Session) -> CopiedEntry | None:
    """The last entry of the journal here, None when it is empty."""
    columns = ", ".join(name for name in CopiedEntry._fields if name != "at")
    row = db.execute(text(f"SELECT {columns}, submitted_at FROM journal ORDER BY serial DESC LIMIT 1")).first()
    return CopiedEntry._make(row) if row is not None else None


def copy_entries(db: Session, entries: Sequence[CopiedEntry]) -> None:
    """Write entries whose serials rise and are all greater than any here; the last act before COMMIT.

    Refuses with :class:`Conflict` when this journal has come further: then it has entries of its own.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    last = db.scalar(text("SELECT COALESCE(max(serial), 0) FROM journal")) or 0
    if not entries:
        return
    if entries[0].serial <= last:
        raise Conflict("This index has changes of its own, so it cannot be a mirror any more.", code="own_changes")
    columns = {name: [getattr(entry, name) for entry in entries] for name in CopiedEntry._fields}
    db.info[NEWEST] = db.scalar(_COPY, {**columns, "channel": CHANNEL})


def tell_again(db: Session, names: Collection[str]) -> None:
    """Have everything that follows the journal look at these projects again, though no entry is new.

    Durable followers go back to the projects' last entries; page caches that run drop the pages.
    """
    db.execute(_REWIND, {"names": list(names)})
    drop_pages(db, names)
