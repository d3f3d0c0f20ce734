"""Following the journal: a name, a cursor in the database, and an `apply` that may run twice.

Serials are given out in commit order, so whoever has read serial N has seen every entry before it, and a cursor says
all there is to say about how far a follower has come.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence, Set
from typing import Protocol

import psycopg
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from warehouse.domain.journal import FollowerCursor, JournalEntry, cursor, last_serial
from warehouse.domain.journal.writing import CHANNEL
from warehouse.infra.db import UNANSWERED, libpq_url, unavailable
from warehouse.work import SYSTEM, Tools, Work, begin

log = logging.getLogger("warehouse.follow")

BATCH = 1000
POLL = 1.0  # seconds; heals a connection that died without a word
RETRY = 2.0
GATHER = 0.5  # seconds


class Follower(Protocol):
    """Something derived from the index that keeps up with it.

    Following any history must give what `rebuild` gives, so `apply` looks at the present of the projects, not at what
    happened, and does not mind to be given names again.
    """

    name: str

    def apply(self, work: Work, names: Set[str]) -> None:
        """Make true what is derived from the projects of these normalized names, which may be gone."""

    def rebuild(self, db: Session) -> None:
        """Make everything true, whatever it was before."""


def catch_up(
    tools: Tools, follower: Follower, *, batch: int = BATCH, wait: bool = True, up_to: int | None = None
) -> int:
    """Apply the oldest ``batch`` entries that the follower has not applied; how many there were.

    Those after serial ``up_to`` are left for later.

    One transaction, so that a crash anywhere leaves cursor and data as they were. While somebody else moves this
    cursor it waits, or with ``wait=False`` leaves the work to them and returns 0.
    """
    with begin(tools, SYSTEM) as work:
        position = _lock(work.db, follower, wait=wait)
        if position is None:
            return 0
        after = select(JournalEntry.serial, JournalEntry.normalized_name).where(JournalEntry.serial > position.serial)
        if up_to is not None:
            after = after.where(JournalEntry.serial <= up_to)
        entries = work.db.execute(after.order_by(JournalEntry.serial).limit(batch)).all()
        if entries:
            follower.apply(work, {name for _, name in entries})
            _move(position, entries[-1][0])
        return len(entries)


def rebuild(tools: Tools, follower: Follower) -> int:
    """Make everything anew while the index goes on; the serial from which following continues.

    The serial is read before the data: all that was committed up to it is in the data, for the journal is in commit
    order. What is committed meanwhile may be in the data too and will be applied again, which does no harm. The other
    way around, entries between the two reads would be in neither.
    """
    with begin(tools, SYSTEM) as work:
        position = _lock(work.db, follower, wait=True)
        assert position is not None
        serial = last_serial(work.db)
        follower.rebuild(work.db)
        _move(position, serial)
        return serial


def lag(tools: Tools, follower: Follower) -> int:
    """How far the follower is behind, in serials."""
    with tools.database.session() as db:
        position = cursor(db, follower.name)
        return max(0, last_serial(db) - (position.serial if position else 0))


def begin_at_newest(tools: Tools, name: str) -> None:
    """Have a follower that never followed begin after what is there already."""
    with begin(tools, SYSTEM) as work:
        if cursor(work.db, name) is None:
            new = insert(FollowerCursor).values(follower=name, serial=last_serial(work.db))
            work.db.execute(new.on_conflict_do_nothing())


def keep_up(tools: Tools, followers: Sequence[Follower], stop: threading.Event) -> None:
    """Keep the followers true until ``stop``: soon after the journal grows, a second later in the worst case."""
    for _ in turns(tools, stop):
        for follower in followers:
            _follow(tools, follower, stop)


def turns(tools: Tools, stop: threading.Event, *, gather: float = GATHER) -> Iterator[None]:
    """A turn at once, one within ``gather`` seconds after the journal grows, and one each second, until ``stop``."""
    while not stop.is_set():
        try:
            with psycopg.connect(libpq_url(tools.database.url), autocommit=True, connect_timeout=5) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                while not stop.is_set():
                    yield
                    for _ in connection.notifies(timeout=POLL, stop_after=1):
                        stop.wait(gather)  # more will follow where uploads come one after the other
        except psycopg.OperationalError as error:
            log.warning("not following the journal: %s", error)
            stop.wait(RETRY)


def _follow(tools: Tools, follower: Follower, stop: threading.Event) -> None:
    """Bring one follower up to date. Its failure is reported and tried again, and does not hold the others up."""
    try:
        behind = lag(tools, follower)  # one query, where taking the cursor's lock would write every second
        if behind:
            while catch_up(tools, follower, wait=False) == BATCH and not stop.is_set():
                pass
            behind = lag(tools, follower)
        tools.metrics.follower_lag.labels(follower.name).set(behind)
    except Exception as error:
        if isinstance(error, UNANSWERED) and (away := unavailable(error)).code == "database":
            log.warning("the follower %s waits: %s", follower.name, away, extra={"follower": follower.name})
        else:
            log.exception("the follower %s is held up", follower.name, extra={"follower": follower.name})
        stop.wait(RETRY)


def _lock(db: Session, follower: Follower, *, wait: bool) -> FollowerCursor | None:
    """The cursor, locked: two who apply the same entries at a time could write an older state over a newer one."""
    mine = FollowerCursor.follower == follower.name
    # Looked for first, because an INSERT would wait for whoever moves the cursor, conflict or not.
    if db.scalar(select(FollowerCursor.serial).where(mine)) is None:
        new = insert(FollowerCursor).values(follower=follower.name, serial=0)
        db.execute(new.on_conflict_do_nothing())
    return db.scalar(select(FollowerCursor).where(mine).with_for_update(skip_locked=not wait))


def _move(position: FollowerCursor, serial: int) -> None:
    position.serial = serial
    position.moved_at = func.now()
