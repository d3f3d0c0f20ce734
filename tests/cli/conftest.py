"""The command line on the index of the other fixtures, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.conftest import CHEAP_PASSWORDS
from warehouse.application import Application
from warehouse.cli.main import cli
from warehouse.infra.db import libpq_url
from warehouse.infra.postgres import EmbeddedPostgres
from warehouse.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def environ(settings: Settings, database_url: str) -> dict[str, str]:
    """The environment that makes the command work on the index of the fixture ``index``."""
    return {**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(settings.data), "DATABASE_URL": database_url}


@pytest.fixture
def run(environ: Mapping[str, str], postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, with the server's own programs on the PATH; an unexpected error is raised."""
    monkeypatch.setenv("PATH", f"{postgres.tool('pg_dump').parent}:{os.environ['PATH']}")

    def run(*arguments: str | Path, stdin: str | None = None, **more: str) -> Result:
        application = Application({**environ, **more})
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(cli, words, obj=application, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with nothing in it."""
    name = f"empty_{os.urandom(6).hex()}"
    with psycopg.connect(libpq_url(postgres.url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgres.url.replace("/warehouse?", f"/{name}?", 1)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def warehouse(data: Path, *arguments: str | Path, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with an embedded database in ``data``."""
    return subprocess.run(
        [sys.executable, "-m", "warehouse", *arguments],
        env=process_environ(data, **more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def process_environ(data: Path, **more: str) -> dict[str, str]:
    """The environment of such a process."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**inherited, **CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(data), **more}
