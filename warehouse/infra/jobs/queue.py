"""Putting jobs into the queue, and taking ended ones out, in the transaction of whoever asks.

The queue's library would do the same through the same connection, but it takes a third of a second to import and logs
every argument, one-time links in mails included. So the doors, which only add jobs, write the row themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.infra.jobs.registry import job_of

WAKE_UP = "procrastinate_any_queue_v1"  # the channel on which the library's workers listen

_INSERT = text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at)
    VALUES (:queue, :name, :unique, CAST(:args AS jsonb), :run_at)
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
    RETURNING id
""")
_HOLD_WAITING = text("""
    SELECT id, scheduled_at FROM procrastinate_jobs WHERE queueing_lock = :unique AND status = 'todo' FOR SHARE
""")
_BRING_FORWARD = text("UPDATE procrastinate_jobs SET scheduled_at = :run_at WHERE id = :id")
_DELETE_ENDED = text("""
    DELETE FROM procrastinate_jobs AS job
    WHERE status NOT IN ('todo', 'doing')
    AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at > :before)
""")


def enqueue(db: Session, function: Callable[..., None], /, *, run_at: datetime | None = None, **args: Any) -> None:
    """Have a worker call ``function(work, **args)`` once this transaction has committed, not before ``run_at``.

    Refuses arguments that the function does not take (TypeError) or that JSON cannot hold. For a unique job that
    already waits, this makes sure that it starts after this transaction and no later than asked for.
    """
    job = job_of(function)
    inspect.signature(function).bind(None, **args)
    data = orjson.dumps(args, option=orjson.OPT_SORT_KEYS).decode()
    unique = f"{job.name} {data}" if job.unique else None
    row = {"queue": job.queue, "name": job.name, "unique": unique, "args": data, "run_at": run_at}
    while db.scalar(_INSERT, row) is None:
        if _join_waiting(db, unique, run_at):
            return


def _join_waiting(db: Session, unique: str | None, run_at: datetime | None) -> bool:
    """Hold the waiting job until the transaction ends; False when it has been started meanwhile.

    A worker passes over locked jobs. Without the lock it could run the job now, not see what this transaction has
    done, and leave nobody to do the work that this transaction asks for.
    """
    waiting = db.execute(_HOLD_WAITING, {"unique": unique}).first()
    if waiting is None:
        return False
    if waiting.scheduled_at is not None and (run_at is None or run_at < waiting.scheduled_at):
        db.execute(_BRING_FORWARD, {"id": waiting.id, "run_at": run_at})
    note = orjson.dumps({"type": "job_inserted", "job_id": waiting.id}).decode()
    db.execute(text("SELECT pg_notify(:channel, :note)"), {"channel": WAKE_UP, "note": note})
    return True


def delete_ended_jobs(db: Session, *, older_than: timedelta) -> int:
    """Delete jobs that were given up, and whatever else has ended, longer ago than this; how many."""
    return db.execute(_DELETE_ENDED, {"before": datetime.now(UTC) - older_than}).rowcount  # type: ignore[attr-defined]
