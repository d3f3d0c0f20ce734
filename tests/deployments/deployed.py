"""One of the commands that serve an index, with the parts that a deployment gives it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.served import COMMAND, START_SECONDS, Served, eventually
from warehouse.infra.db import libpq_url
from warehouse.operations.registration import create_user
from warehouse.operations.tokens import create_token
from warehouse.work import OPERATOR, begin


class Deployed(Served):
    """An index served by ``warehouse serve`` or ``web``. Users and tokens are made without starting a command."""

    def __init__(self, folder: Path, environ: Mapping[str, str], role: str = "serve") -> None:
        super().__init__(folder, environ)
        self._role = role

    def start(self) -> None:
        if self.url:
            self._environ["WAREHOUSE_LISTEN"] = urlsplit(self.url).netloc
        self.said.write_bytes(b"")
        with self.said.open("ab") as said, self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, self._role], env=self._environ, stdout=said, stderr=log, start_new_session=True
            )
        if self._role == "worker":
            eventually(self._works, seconds=START_SECONDS, otherwise=self.log.read_text)
            return
        eventually(self._listens, seconds=START_SECONDS, otherwise=self.log.read_text)
        self.url = self._address() or ""

    def _works(self) -> bool:
        assert self.is_running, self.log.read_text()
        return "jobs started" in self.log.read_text()

    def token(self, user: str = "ada") -> str:
        if user not in self._tokens:
            with self.tools() as tools, begin(tools, OPERATOR) as work:
                made = create_user(work, user, email=f"{user}@example.com", password="correct horse battery staple")
                _, self._tokens[user] = create_token(work, made, description="a test", projects=(), lifetime=None)
        return self._tokens[user]

    @contextmanager
    def with_settings(self, **environ: str) -> Iterator[None]:
        """Other settings for the commands that are run in the block."""
        former = self._environ
        self._environ = {**former, **environ}
        try:
            yield
        finally:
            self._environ = former

    def adopt_tokens(self, other: Deployed) -> None:
        """Use the tokens that were made on another machine of the same index."""
        self._tokens = other._tokens


@contextmanager
def deployed(folder: Path, role: str = "serve", **environ: str) -> Iterator[Deployed]:
    """Run it while the block does; afterwards nobody of its process tree is left."""
    index = Deployed(folder, environ, role)
    try:
        index.start()
        yield index
        if index.is_running:
            index.stop()
    finally:
        index.kill()


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The address of a new database on the server at ``server``, gone after the block."""
    name = f"deployed_{os.urandom(6).hex()}"
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.replace("/warehouse?", f"/{name}?", 1)
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
