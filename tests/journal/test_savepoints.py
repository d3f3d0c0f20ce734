"""Entries and savepoints."""

from tests.journal.test_order import add, everything
from warehouse.work import SYSTEM, begin


def test_an_entry_survives_a_savepoint_that_is_rolled_back_after_it(tools):
    with begin(tools, SYSTEM) as work:
        add(work.db, "outer")
        work.db.connection()
        savepoint = work.db.begin_nested()
        savepoint.rollback()
    assert [name for _, name in everything(tools)] == ["outer"]


def test_an_entry_of_a_savepoint_that_is_rolled_back_is_gone(tools):
    with begin(tools, SYSTEM) as work:
        savepoint = work.db.begin_nested()
        add(work.db, "inner")
        savepoint.rollback()
        add(work.db, "outer")
    assert [name for _, name in everything(tools)] == ["outer"]


def test_releasing_a_savepoint_numbers_nothing(tools):
    with begin(tools, SYSTEM) as work:
        add(work.db, "outer")
        work.db.connection()
        with work.db.begin_nested():
            add(work.db, "inner")
        assert everything(tools) == [] and tools.head.serial == 0
        add(work.db, "later")
    assert [name for _, name in everything(tools)] == ["outer", "inner", "later"]


def test_what_a_released_savepoint_told_goes_with_the_one_around_it(tools):
    with begin(tools, SYSTEM) as work:
        add(work.db, "first")
        outer = work.db.begin_nested()
        with work.db.begin_nested():
            add(work.db, "inner")
        outer.rollback()
        add(work.db, "last")
    assert [name for _, name in everything(tools)] == ["first", "last"]


def test_work_that_is_rolled_back_before_it_touched_the_database_tells_nothing(tools):
    with tools.database.session() as db:
        add(db, "never")
        db.rollback()
        add(db, "told")
        db.commit()
    assert [name for _, name in everything(tools)] == ["told"]
