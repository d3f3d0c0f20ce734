"""Fixtures that everyone shares: a real PostgreSQL, a fresh database for each test, and an index on it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.index import Index
from warehouse.infra import migrations
from warehouse.infra.db import Database, libpq_url
from warehouse.infra.postgres import EmbeddedPostgres
from warehouse.settings import Settings, load_settings
from warehouse.toolbox import open_tools
from warehouse.work import Tools


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server for the whole session, without the price of durability."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres) -> str:
    """A database with the current schema, from which each test's own is copied."""
    url = _create(postgres.url, "template_for_tests", "template1")
    database = Database(url)
    migrations.migrate(database)
    database.dispose()
    return "template_for_tests"


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """A fresh database with the current schema."""
    name = f"test_{os.urandom(6).hex()}"
    yield _create(postgres.url, name, migrated_template)
    with psycopg.connect(libpq_url(postgres.url), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(tmp_path) -> Settings:
    """The private profile's settings, with hashing made cheap."""
    return load_settings({**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(tmp_path / "data")})


CHEAP_PASSWORDS = {
    "WAREHOUSE_PASSWORDS__MEMORY": "64 KiB",
    "WAREHOUSE_PASSWORDS__PASSES": "1",
    "WAREHOUSE_PASSWORDS__LANES": "1",
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


def _create(url: str, name: str, template: str) -> str:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url.replace("/warehouse?", f"/{name}?", 1)
