"""Asks what the process depends on, and never waits long for an answer."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from warehouse.errors import Unavailable
from warehouse.infra import migrations
from warehouse.work import Tools

TIME_LIMIT = 2.0  # seconds
MOST_WAITING = 8

Check = Callable[[], str | None]


@dataclass(frozen=True)
class Problem:
    """A part that does not work, and why, in a sentence."""

    part: str
    why: str


class Probes:
    """The checks of one process.

    A check that hangs is left to its thread and counts as failed; when too many hang, no more are started, so that
    asking often while something is down does no harm.
    """

    def __init__(self, tools: Tools, *, time_limit: float = TIME_LIMIT) -> None:
        self._tools = tools
        self._time_limit = time_limit
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._schema_was_current = False

    def health(self) -> list[Problem]:
        """What keeps this process from doing anything at all."""
        return self.ask({"database": self._database})

    def readiness(self) -> list[Problem]:
        """What keeps it from doing everything."""
        return self.ask({"database": self._database, "schema": self._schema, "files": self._files})

    def ask(self, checks: Mapping[str, Check]) -> list[Problem]:
        """The problems of all checks, made at the same time, within the time limit."""
        answers: dict[str, str | None] = {}
        started = [self._start(part, check, answers) for part, check in checks.items()]
        deadline = time.monotonic() + self._time_limit
        for thread in started:
            if thread is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        late = f"It did not answer within {self._time_limit:g} seconds."
        # A thread that is late may still write: a copy makes the answer one.
        told = dict(answers)
        found = ((part, told.get(part, late)) for part in checks)
        return [Problem(part, why) for part, why in found if why is not None]

    def _start(self, part: str, check: Check, answers: dict[str, str | None]) -> threading.Thread | None:
        if not self._places.acquire(blocking=False):
            return None

        def run() -> None:
            try:
                answers[part] = check()
            finally:
                self._places.release()

        thread = threading.Thread(target=run, name=f"probe {part}", daemon=True)
        thread.start()
        return thread

    def _database(self) -> str | None:
        database = self._tools.database
        # Twice: the first question after a restart of the database meets a connection of before.
        if database.is_reachable() or database.is_reachable():
            return None
        return "The database does not answer."

    def _schema(self) -> str | None:
        try:
            self._schema_was_current = self._schema_was_current or migrations.is_current(self._tools.database)
        except SQLAlchemyError:
            return "The schema cannot be read."
        return None if self._schema_was_current else "The schema is not the one this version needs. Run the migrations."

    def _files(self) -> str | None:
        try:
            self._tools.blobs.stat(secrets.token_hex(32))
        except Unavailable as refusal:
            return refusal.sentence
        return None
