"""How entries get their serials: as the last act before COMMIT, under one lock.

Numbers handed out earlier would become visible in another order than they were given, and whoever had read
serial N could later find an N-1 that it never saw. The lock is a transaction-level advisory lock, so it ends
exactly when the transaction does, and it is held for one statement.
"""

from __future__ import annotations

from sqlalchemy import event, text
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from warehouse.domain.journal.entries import Change
from warehouse.infra.head import Head

LOCK = 0x6A6F7572  # "jour"
CHANNEL = "journal"
NEWEST = "newest serial of this transaction"  # kept in the session's info; the head is raised to it after COMMIT

_PENDING = "journal entries to be numbered"
_MARKS = "how many entries there were when each savepoint was set"

_COLUMNS = ("change", "action", "project", "normalized_name", "version", "submitted_by")

# One statement, so that the lock is held for one round trip: entries in the order in which they were told, the newest
# serial of each project, and the news for those who listen.
_WRITE = text("""
    WITH told AS (
        SELECT * FROM unnest(
            CAST(:change AS text[]), CAST(:action AS text[]), CAST(:project AS text[]),
            CAST(:normalized_name AS text[]), CAST(:version AS text[]), CAST(:submitted_by AS text[])
        ) WITH ORDINALITY AS told (change, action, project, normalized_name, version, submitted_by, place)
    ), numbered AS (
        INSERT INTO journal (change, action, project, normalized_name, version, submitted_by)
        SELECT change, action, project, normalized_name, version, submitted_by FROM told ORDER BY place
        RETURNING serial, normalized_name
    ), raised AS (
        INSERT INTO project_serials (normalized_name, serial)
        SELECT normalized_name, max(serial) FROM numbered GROUP BY normalized_name
        ON CONFLICT (normalized_name) DO UPDATE SET serial = excluded.serial
    )
    SELECT newest, pg_notify(:channel, CAST(newest AS text)) FROM (SELECT max(serial) AS newest FROM numbered) AS news
""")


def add(
    db: Session,
    change: Change,
    action: str,
    *,
    project: str,
    normalized_name: str,
    version: str | None = None,
    submitted_by: str | None = None,
) -> None:
    """Have an entry written when (and only if) this transaction commits."""
    if not db.in_transaction():
        db.begin()  # or there would be no transaction to end without a commit, and the entry would outlive it
    db.info.setdefault(_PENDING, []).append(
        {
            "change": change.value,
            "action": action,
            "project": project,
            "normalized_name": normalized_name,
            "version": version,
            "submitted_by": submitted_by,
        }
    )


def number_on_commit(sessions: sessionmaker[Session], head: Head) -> None:
    """Make every session of ``sessions`` write its entries at COMMIT, and raise ``head`` once it is done."""
    event.listen(sessions, "before_commit", _number)
    event.listen(sessions, "after_commit", lambda db: _announce(db, head))
    event.listen(sessions, "after_transaction_create", _mark)
    event.listen(sessions, "after_soft_rollback", _forget_since)
    event.listen(sessions, "after_transaction_end", _forget)


def _number(db: Session) -> None:
    if db.in_nested_transaction():
        return  # a savepoint is released: COMMIT is yet to come, and the lock would be held until then
    pending = db.info.pop(_PENDING, None)
    if not pending:
        return
    db.flush()
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    columns = {column: [entry[column] for entry in pending] for column in _COLUMNS}
    db.info[NEWEST] = db.scalar(_WRITE, {**columns, "channel": CHANNEL})


def _announce(db: Session, head: Head) -> None:
    newest = db.info.pop(NEWEST, None)
    if newest is not None:
        head.raise_to(newest)


def _mark(db: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        db.info.setdefault(_MARKS, {})[transaction] = len(db.info.get(_PENDING, ()))


def _forget_since(db: Session, transaction: SessionTransaction) -> None:
    """What was told after a savepoint that is rolled back did not happen."""
    if transaction.nested:
        del db.info.get(_PENDING, [])[db.info[_MARKS][transaction] :]


def _forget(db: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        for key in (_PENDING, NEWEST, _MARKS):
            db.info.pop(key, None)
