"""The journal of a mirror: the origin's entries with their serials and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.journal.test_order import commit
from warehouse.domain.journal import JournalEntry, last_serial, project_serial
from warehouse.domain.journal.copying import CopiedEntry, copy_entries, newest_entry, tell_again
from warehouse.errors import Conflict
from warehouse.follow import FOLLOWERS, follower
from warehouse.work import SYSTEM, begin

AT = datetime(2020, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)


def entry(serial: int, name: str = "Demo") -> CopiedEntry:
    return CopiedEntry(serial, name, name.lower(), "1.0", "file added", f"add py3 file {name}.whl", AT)


def copied(tools, *entries: CopiedEntry) -> None:
    with begin(tools, SYSTEM) as work:
        copy_entries(work.db, entries)


def test_entries_keep_their_serials_and_times(tools):
    copied(tools, entry(7), entry(12, "Other"), entry(40))
    with begin(tools, SYSTEM) as work:
        entries = work.db.query(JournalEntry).order_by(JournalEntry.serial).all()
        assert [(one.serial, one.project, one.submitted_at) for one in entries] == [
            (7, "Demo", AT),
            (12, "Other", AT),
            (40, "Demo", AT),
        ]
        assert (project_serial(work.db, "demo"), project_serial(work.db, "other")) == (40, 12)
        assert newest_entry(work.db) == entry(40)
    assert tools.head.serial == 40


def test_nothing_is_a_copy_of_nothing(tools):
    copied(tools)
    with begin(tools, SYSTEM) as work:
        assert last_serial(work.db) == 0
        assert newest_entry(work.db) is None


def test_an_index_of_its_own_goes_on_after_the_last_serial(tools):
    copied(tools, entry(40))
    commit(tools, "demo")
    with begin(tools, SYSTEM) as work:
        assert last_serial(work.db) == 41


@pytest.mark.parametrize("serial", [39, 40])
def test_what_is_not_newer_is_refused(tools, serial):
    copied(tools, entry(40))
    with pytest.raises(Conflict, match="changes of its own"):
        copied(tools, entry(serial))


def test_followers_go_back_to_what_is_told_again(tools):
    copied(tools, entry(7, "first"), entry(8, "second"), entry(9, "third"))
    for one in FOLLOWERS:
        follower.catch_up(tools, one)
    assert [follower.lag(tools, one) for one in FOLLOWERS] == [0] * len(FOLLOWERS)
    with begin(tools, SYSTEM) as work:
        tell_again(work.db, ["second", "unheard-of"])
    with begin(tools, SYSTEM) as work:
        assert set(work.db.scalars(text("SELECT serial FROM follower_cursors"))) == {7}
    with begin(tools, SYSTEM) as work:
        tell_again(work.db, ["third"])
        assert set(work.db.scalars(text("SELECT serial FROM follower_cursors"))) == {7}
