"""Fixtures that everyone shares: a real PostgreSQL, a fresh database for each test, and an index on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.index import Index
from warehouse.infra import migrations
from warehouse.infra.db import Database, libpq_url
from warehouse.infra.postgres import EmbeddedPostgres
from warehouse.settings import Settings, load_settings
from warehouse.toolbox import open_tools
from warehouse.work import Tools

# What a machine that runs our CI may lack all the same.
MAY_BE_SKIPPED = ("no IPv6 here", "The second passed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In CI a skipped test is a failed one: everything that tests need can be had there."""
    if os.environ.get("CI") != "true":
        return
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ())]
    missed = [reason for reason in reasons if not any(known in reason for known in MAY_BE_SKIPPED)]
    if missed:
        terminalreporter.section("skipped in CI")
        for reason in missed:
            terminalreporter.line(reason)
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server for the whole session, without the price of durability."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_database(postgres: EmbeddedPostgres) -> str:
    """A database with the current schema, and what the migrations put into it."""
    with psycopg.connect(libpq_url(postgres.url), autocommit=True) as connection:
        connection.execute("CREATE DATABASE tests")
    url = postgres.url.replace("/warehouse?", "/tests?", 1)
    database = Database(url)
    migrations.migrate(database)
    with database.connection() as connection:
        connection.execute(_REMEMBER)
        connection.commit()
    database.dispose()
    return url


@pytest.fixture
def database_url(migrated_database: str) -> str:
    """The database as the migrations left it: emptying tables is ten times as fast as making a database."""
    with psycopg.connect(libpq_url(migrated_database), autocommit=True) as connection:
        connection.execute(_DISCONNECT)
        connection.execute(_EMPTY)
    return migrated_database


_REMEMBER = "CREATE TABLE kept_names AS SELECT * FROM prohibited_project_names"
_DISCONNECT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND usename = current_user  -- one that has only just come has no name yet, and nobody may end it
"""
_EMPTY = """
    DO $$
    DECLARE
        used text;
        has_rows boolean;
    BEGIN
        FOR used IN
            SELECT quote_ident(tablename) FROM pg_tables
            WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'kept_names')
        LOOP
            EXECUTE 'SELECT EXISTS (SELECT FROM ' || used || ')' INTO has_rows;
            IF has_rows THEN
                EXECUTE 'TRUNCATE ' || used || ' RESTART IDENTITY CASCADE';
            END IF;
        END LOOP;
        INSERT INTO prohibited_project_names SELECT * FROM kept_names;
    END $$
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    """The private profile's settings, with hashing made cheap."""
    return load_settings({**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(tmp_path / "data")})


CHEAP_PASSWORDS = {
    "WAREHOUSE_PASSWORDS__MEMORY": "64 KiB",
    "WAREHOUSE_PASSWORDS__PASSES": "1",
    "WAREHOUSE_PASSWORDS__LANES": "1",
    "WAREHOUSE_PASSWORDS__WAITING": "100",
}


@pytest.fixture
def tools(settings: Settings, database_url: str) -> Iterator[Tools]:
    """Everything an index works with, on a fresh database and an empty folder."""
    opened = open_tools(settings, database_url)
    yield opened
    opened.database.dispose()
    opened.head.close()


@pytest.fixture
def index(tools: Tools) -> Index:
    """An index to do things to, in the words of its users."""
    return Index(tools)


MakeIndex = Callable[..., Index]


@pytest.fixture
def index_with(tools: Tools) -> MakeIndex:
    """Makes an index with these settings in the form of environment variables, without their common beginning."""

    def make(**variables: str) -> Index:
        given = {f"WAREHOUSE_{name}": value for name, value in variables.items()}
        settings = load_settings({**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(tools.settings.data), **given})
        return Index(replace(tools, settings=settings))

    return make
