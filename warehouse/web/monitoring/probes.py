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


class _Running:
    """A check at work in a thread of its own; ``why`` holds the answer once there is one."""

    def __init__(self, part: str, check: Check, done: Callable[[], None]) -> None:
        self.why: list[str | None] = []
        self.began = time.monotonic()
        self._check = check
        self._done = done
        self.thread = threading.Thread(target=self._run, name=f"probe {part}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.why.append(self._check())
        finally:
            self._done()


class Probes:
    """The checks of one process.

    Whoever asks while a check is running shares its answer, so that a crowd at the door costs as much as one visitor
    and is told the same. A check that hangs is left to its thread and counts as failed; when too many hang, no more
    are started, so that asking often while something is down does no harm.
    """

    def __init__(self, tools: Tools, *, time_limit: float = TIME_LIMIT) -> None:
        self._tools = tools
        self._time_limit = time_limit
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._schema_was_current = False

    def health(self) -> list[Problem]:
        """What keeps this process from doing anything at all."""
        return self.ask({"database": self._database})

    def readiness(self) -> list[Problem]:
        """What keeps it from doing everything."""
        return self.ask({"database": self._database, "schema": self._schema, "files": self._files})

    def ask(self, checks: Mapping[str, Check]) -> list[Problem]:
        """The problems of all checks, made at the same time, within the time limit."""
        with self._lock:
            started = {part: self._share(part, check) for part, check in checks.items()}
        deadline = time.monotonic() + self._time_limit
        for running in started.values():
            if running is not None:
                running.thread.join(max(0.0, deadline - time.monotonic()))
        late = f"It did not answer within {self._time_limit:g} seconds."
        found = ((part, running.why[0] if running and running.why else late) for part, running in started.items())
        return [Problem(part, why) for part, why in found if why is not None]

    def _share(self, part: str, check: Check) -> _Running | None:
        """The check of this part that is at work, unless it is late already; else a new one; None: too many hang."""
        running = self._running.get(part)
        if running is not None and running.thread.is_alive() and time.monotonic() - running.began < self._time_limit:
            return running
        if not self._places.acquire(blocking=False):
            return None
        self._running[part] = _Running(part, check, self._places.release)
        return self._running[part]

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
