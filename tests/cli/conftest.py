"""The command line on the index of the other fixtures, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import CHEAP_PASSWORDS
from warehouse.application import Application
from warehouse.cli.main import cli
from warehouse.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def environ(settings: Settings, database_url: str) -> dict[str, str]:
    """The environment that makes the command work on the index of the fixture ``index``."""
    return {**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(settings.data), "DATABASE_URL": database_url}


@pytest.fixture
def run(environ: Mapping[str, str]) -> Run:
    """Run a command in this process; an unexpected error is raised."""

    def run(*arguments: str | Path, stdin: str | None = None, **more: str) -> Result:
        application = Application({**environ, **more})
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(cli, words, obj=application, input=stdin, catch_exceptions=False)

    return run


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
