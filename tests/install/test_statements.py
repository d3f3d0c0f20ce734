"""The statements that pages are made with: prepared once, outside of transactions, or all of one moment."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from tests.builders import wheel
from warehouse.errors import Unavailable
from warehouse.follow.pages import PageFollower
from warehouse.infra.db import Database
from warehouse.sources import LocalSource
from warehouse.sources.metadata import MetadataSource

# What one connection has prepared: of each statement its first words, and how often it was run.
PREPARED = "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements"


def simple(database):
    """Where simple pages come from."""
    return LocalSource(database, "/packages/")


def metadata(database):
    """Where the JSON API's answers come from."""
    return MetadataSource(database, "/packages/", "")


@pytest.fixture
def demo(index):
    """An index with one project."""
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    return index


@pytest.mark.parametrize(("make", "of"), [(simple, "FROM page"), (metadata, "FROM projects"), (metadata, "FROM (")])
def test_the_statement_of_a_page_is_parsed_once(demo, make, of):
    database = demo.tools.database
    for _ in range(3):
        assert make(database).project("demo") is not None
        with demo.work() as work:
            work.db.execute(text("SELECT 1"))  # a session that only reads ends by a rollback
    runs = [times for statement, times in database.rows(PREPARED, {}) if f"    {of}" in statement]
    assert runs == [3]


def test_every_row_of_a_page_is_found_through_an_index(demo):
    """Whatever the values are: a plan that is made for none in particular may be the one that is kept."""
    database = demo.tools.database
    digest = wheel("demo", "1.0").blake2_256
    local, described = simple(database), metadata(database)
    assert local.project("demo") and local.exists("demo") and local.file(digest)
    assert local.address("demo", "py3", wheel("demo", "1.0").filename)
    assert described.project("demo") and described.release("demo", "1") and described.exists("demo", None)
    PageFollower(database, demo.tools.head, demo.cache).catch_up()
    statements = [statement for statement, _ in database.rows(PREPARED, {}) if "pg_prepared" not in statement]
    assert len(statements) >= 9
    with database.connection() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")  # or small tables would be read as a whole
        for statement in statements:
            plan = "\n".join(line for (line,) in connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}"))
            assert "Seq Scan" not in plan, plan


def test_single_statements_run_outside_of_transactions(demo):
    database = demo.tools.database
    moments = {database.rows("SELECT now()", {})[0][0] for _ in range(3)}
    assert len(moments) == 3


def test_statements_of_one_snapshot_see_one_moment_and_change_nothing(demo):
    database = demo.tools.database
    count = "SELECT count(*) FROM journal"
    with database.snapshot() as connection:
        before = connection.execute(count).fetchone()
        demo.upload(wheel("demo", "2.0"), token=demo._tokens["ada"])
        assert connection.execute(count).fetchone() == before
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), database.snapshot() as connection:
        connection.execute("DELETE FROM journal")
    assert database.rows(count, {})[0] > before


def test_a_connection_that_was_lost_is_replaced(demo):
    database = demo.tools.database
    for _ in range(2):
        assert simple(database).project("demo") is not None
        with demo.work() as work:
            work.db.connection().exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )


def test_a_question_that_takes_too_long_is_asked_once_and_said_to(tools):
    with tools.database.session() as db:
        db.execute(text("CREATE SEQUENCE times_asked"))  # what it counts stays when a statement is cancelled
        db.commit()
    hasty = Database(tools.database.url, statement_timeout=timedelta(milliseconds=200))
    try:
        with pytest.raises(Unavailable) as refusal:
            hasty.rows("SELECT nextval('times_asked'), pg_sleep(60)", {})
        assert refusal.value.code == "database_slow"
        assert tools.database.rows("SELECT last_value FROM times_asked", {}) == [(1,)]
    finally:
        hasty.dispose()
        with tools.database.session() as db:
            db.execute(text("DROP SEQUENCE times_asked"))
            db.commit()


def test_a_database_that_does_not_answer_is_said_to_be_away():
    away = Database("postgresql://nobody@/nothing?host=/nonexistent")
    with pytest.raises(Unavailable):
        simple(away).project("demo")
