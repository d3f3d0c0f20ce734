"""Reading the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from warehouse.domain.journal.entries import FollowerCursor, JournalEntry, ProjectSerial


def last_serial(db: Session) -> int:
    """The newest serial of the whole index, 0 for an empty one."""
    return db.scalar(select(func.coalesce(func.max(JournalEntry.serial), 0))) or 0


def project_serial(db: Session, normalized_name: str) -> int:
    """The newest serial of one project name, 0 when it never had an entry."""
    return db.scalar(select(ProjectSerial.serial).where(ProjectSerial.normalized_name == normalized_name)) or 0


def entries_since(db: Session, serial: int, *, limit: int) -> Sequence[JournalEntry]:
    """The oldest ``limit`` entries after ``serial``, in order."""
    query = select(JournalEntry).where(JournalEntry.serial > serial).order_by(JournalEntry.serial).limit(limit)
    return db.scalars(query).all()


def rename_submitter(db: Session, name: str, to: str, *, until: datetime) -> None:
    """Let the entries that ``name`` caused until then be ``to``'s. No client is told who caused an entry."""
    theirs = (JournalEntry.submitted_by == name, JournalEntry.submitted_at <= until)
    db.execute(
        update(JournalEntry).where(*theirs).values(submitted_by=to), execution_options={"synchronize_session": False}
    )


def cursor(db: Session, follower: str) -> FollowerCursor | None:
    """How far ``follower`` has come; None when it never started."""
    return db.get(FollowerCursor, follower)
