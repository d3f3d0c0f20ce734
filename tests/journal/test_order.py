"""One journal, in commit order: whoever has read serial N has seen everything before it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import event, select, text

from warehouse.domain import journal
from warehouse.domain.journal import Change, JournalEntry
from warehouse.infra.db import libpq_url
from warehouse.work import SYSTEM, begin


def add(db, name, action="change"):
    journal.add(db, Change.PROJECT_CHANGED, action, project=name, normalized_name=name)


class Reader:
    """Reads the journal as a follower does: what is newer than the newest it has seen."""

    def __init__(self, tools) -> None:
        self._tools = tools
        self.seen: list[tuple[int, str]] = []

    def poll(self) -> list[str]:
        """The project names of the entries that are new, in order."""
        with self._tools.database.session() as db:
            entries = journal.entries_since(db, self.seen[-1][0] if self.seen else 0, limit=10_000)
        self.seen += [(entry.serial, entry.project) for entry in entries]
        return [entry.project for entry in entries]


def everything(tools):
    with begin(tools, SYSTEM) as work:
        return [(one.serial, one.project) for one in work.db.scalars(select(JournalEntry).order_by("serial"))]


def waits_for_the_journal(tools):
    """Whether some transaction stands in line for the journal's lock."""
    with tools.database.connection() as connection:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
        return connection.execute(query, (journal.writing.LOCK,)).fetchone()[0] > 0


def eventually(condition, *, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@contextmanager
def committing(tools, name):
    """A transaction that has numbered its entry and is kept from its COMMIT until the block ends."""
    numbered, go_on = threading.Event(), threading.Event()

    def pause(db) -> None:
        numbered.set()
        assert go_on.wait(20)

    def commit() -> None:
        with tools.database.session() as db:
            event.listen(db, "before_commit", pause)
            add(db, name)
            db.commit()

    thread = threading.Thread(target=commit)
    thread.start()
    assert numbered.wait(20)
    try:
        yield
    finally:
        go_on.set()
        thread.join(20)


def commit(tools, *names):
    with begin(tools, SYSTEM) as work:
        for name in names:
            add(work.db, name)


def test_a_commit_waits_for_the_one_that_was_numbered_before_it(tools):
    reader = Reader(tools)
    with committing(tools, "first"):
        second = threading.Thread(target=commit, args=(tools, "second"))
        second.start()
        eventually(lambda: waits_for_the_journal(tools))
        assert reader.poll() == []
        assert second.is_alive()
    second.join(20)
    assert reader.poll() == ["first", "second"]


def test_without_the_lock_a_reader_would_miss_an_entry_for_ever(tools):
    # What the lock is for, and a proof that the reader of these tests would notice its absence.
    reader = Reader(tools)
    insert = (
        "INSERT INTO journal (project, normalized_name, change, action) VALUES (%(name)s, %(name)s, 'any', 'change')"
    )
    url = libpq_url(tools.database.url)
    with psycopg.connect(url) as slow, psycopg.connect(url) as quick:
        slow.execute(insert, {"name": "first"})
        quick.execute(insert, {"name": "second"})
        quick.commit()
        assert reader.poll() == ["second"]
        slow.commit()
    assert reader.poll() == []
    assert [name for _, name in everything(tools)] == ["first", "second"]


def test_readers_miss_nothing_while_many_commit_at_once(tools):
    threads, rounds = 8, 25
    readers = [Reader(tools) for _ in range(3)]
    done = threading.Event()

    def write(number: int) -> None:
        for turn in range(rounds):
            with begin(tools, SYSTEM) as work:
                add(work.db, f"project-{number}", str(turn))
                if turn % 5 == 0:
                    add(work.db, f"other-{number}", str(turn))
                work.db.execute(text("SELECT pg_sleep(random() * 0.002)"))

    def read(reader: Reader) -> None:
        while not done.is_set():
            reader.poll()

    reading = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    writing = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
    for thread in reading + writing:
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in reading:
        thread.join()
    expected = everything(tools)
    assert len(expected) == threads * (rounds + rounds // 5)
    for reader in readers:
        reader.poll()
        assert reader.seen == expected
    assert tools.head.serial == expected[-1][0]


def test_numbers_are_drawn_one_at_a_time(tools):
    # A session that drew several at once would keep some for later and hand them out in the wrong order.
    with tools.database.connection() as connection:
        query = (
            "SELECT seqcache FROM pg_sequence WHERE seqrelid = pg_get_serial_sequence('journal', 'serial')::regclass"
        )
        assert connection.execute(query).fetchone() == (1,)


def test_work_that_fails_leaves_no_entry_behind(tools):
    with tools.database.session() as db:
        db.execute(text("SELECT 1"))
        add(db, "never")
        db.rollback()
        add(db, "told")
        db.commit()
    assert [name for _, name in everything(tools)] == ["told"]


def test_work_that_fails_at_its_commit_leaves_no_entry_behind(tools):
    with tools.database.session() as db:
        db.execute(text("CREATE TEMPORARY TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))
        db.execute(text("INSERT INTO once VALUES (1), (1)"))
        add(db, "never")
        with pytest.raises(Exception, match="once_n_key"):
            db.commit()
        db.rollback()
        assert tools.head.serial == 0
        add(db, "told")
        db.commit()
    [(serial, name)] = everything(tools)
    assert (name, tools.head.serial) == ("told", serial)


def test_the_entries_of_one_work_keep_their_order_and_are_dated(tools):
    commit(tools, "one", "two", "three")
    assert [name for _, name in everything(tools)] == ["one", "two", "three"]
    with begin(tools, SYSTEM) as work:
        now = work.db.scalar(text("SELECT now()"))
        for entry in work.db.scalars(select(JournalEntry)):
            assert abs((now - entry.submitted_at).total_seconds()) < 60


def test_each_name_knows_its_newest_serial(tools):
    commit(tools, "one", "two", "one")
    commit(tools, "two")
    with begin(tools, SYSTEM) as work:
        assert journal.last_serial(work.db) == 4
        assert [journal.project_serial(work.db, name) for name in ("one", "two", "none")] == [3, 4, 0]


COMMITTER = """
import sys, time
from sqlalchemy import event
from warehouse.settings import load_settings
from warehouse.toolbox import open_tools
from tests.journal.test_order import add

def pause(db):
    print("numbered", flush=True)
    time.sleep(60)

tools = open_tools(load_settings({"WAREHOUSE_DATA": sys.argv[2]}), sys.argv[1])
with tools.database.session() as db:
    event.listen(db, "before_commit", pause)
    add(db, "killed")
    db.commit()
"""


def test_a_process_killed_between_numbering_and_commit_does_no_damage(tools):
    commit(tools, "before")
    command = [sys.executable, "-c", COMMITTER, tools.database.url, str(tools.settings.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "numbered\n"
        blocked = threading.Thread(target=commit, args=(tools, "after"))
        blocked.start()
        eventually(lambda: waits_for_the_journal(tools))
        process.send_signal(signal.SIGKILL)
        blocked.join(20)
    assert not blocked.is_alive()
    assert [name for _, name in everything(tools)] == ["before", "after"]
    reader = Reader(tools)
    assert reader.poll() == ["before", "after"]
    assert tools.head.serial == reader.seen[-1][0]


def test_the_head_rises_only_after_the_commit(tools):
    with committing(tools, "one"):
        assert tools.head.serial == 0
    assert tools.head.serial == 1
