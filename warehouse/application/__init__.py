"""One running index, put together from its settings: the one module that imports all the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from warehouse.cli.main import cli
from warehouse.settings import Settings, load_settings, variable

KIB = 1024


class Application:
    """Everything the command line and the servers need of one index.

    What takes long to import is imported by the method that needs it: ``warehouse --help`` and ``warehouse config``
    answer before the libraries of database and server could even be read.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._postgres: Any = None

    def prefer(self, **settings: str | None) -> None:
        """Let what the command line says win over environment and file; to be called before anything else."""
        said = {variable(name): value for name, value in settings.items() if value is not None}
        self._environ = {**self._environ, **said}
        self.__dict__.pop("settings", None)

    @cached_property
    def settings(self) -> Settings:
        """The settings; refused with BadSettings when one is wrong."""
        return load_settings(self._environ)

    @contextmanager
    def tools(self, *, migrated: bool = True, may_be_new: bool = False, lease: bool = True) -> Iterator[Any]:
        """Tools for a command: the database runs while the block does, its schema current unless told otherwise.

        A command that finds no index makes one, and says so unless it ``may_be_new``: it was probably called in another
        folder than its user thinks. One that runs for long takes no ``lease``, or whoever started the database and
        wants to stop would wait for it in vain.
        """
        if not may_be_new and self.settings.database_url is None and not (self.settings.data / "postgres").exists():
            folder = self.settings.data
            sys.stderr.write(f"There was no index in {folder}, so this makes a new one. Name another with --data.\n")
        with self.database_url(lease=lease) as url:
            tools = _later("toolbox").open_tools(self.settings, url)
            try:
                if migrated:
                    _later("infra.migrations").migrate(tools.database)
                yield tools
            finally:
                tools.database.dispose()

    @contextmanager
    def database_url(self, *, lease: bool) -> Iterator[str]:
        """The address of the database, which runs while the block does."""
        if self.settings.database_url is not None:
            yield self.settings.database_url.get_secret_value()
            return
        settings = self.settings
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._postgres = _later("infra.postgres").EmbeddedPostgres(
            settings.data,
            shared_buffers=f"{settings.postgres.shared_buffers // KIB}kB",
            max_connections=settings.postgres.max_connections,
        )
        self._postgres.start(lease=lease)
        try:
            yield self._postgres.url
        finally:
            self._postgres.stop()

    def postgres_tool(self, name: str) -> Path:
        """A program of PostgreSQL's own (``pg_dump``, ``pg_restore``), of the version that runs."""
        return self._postgres.tool(name) if self._postgres is not None else Path(name)

    def serve(self, *, web: bool = True, jobs: bool = True) -> int:
        """Run the process tree until it is told to stop; the exit status. Settings that lack others are refused."""
        _later("application.complete").refuse_incomplete(self.settings)
        _later("infra.log").configure(self.settings.logs.level, self.settings.logs.format)
        serving = _later("application.serving")  # before anything runs: the processes share what the parent imported
        with self.database_url(lease=False) as url:
            keep = self._postgres.ensure_running if self._postgres is not None else None
            return serving.serve(self.settings, url, web=web, jobs=jobs, keep_database=keep)

    def site(self, tools: Any) -> Any:
        """The doors of the index on these tools, with a page cache that follows the journal."""
        return _later("application.serving").site(tools)


def _later(name: str) -> Any:
    """A module of ours that is imported when it is needed rather than at every start."""
    return import_module(f"warehouse.{name}")


def main() -> None:
    """The ``warehouse`` command."""
    cli(obj=Application())
