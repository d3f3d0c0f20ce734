"""What mirrors ask of the database: which serials there are, who keeps which project, what is classified how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import psycopg

from warehouse.infra.db import Database
from warehouse.sources.changed import CHANGED

LONGEST_SEARCH = 5  # seconds

_LAST_SERIAL = "SELECT max(serial) FROM journal"

_ENTRIES = """
    SELECT project, version, floor(extract(epoch FROM submitted_at))::bigint, action, serial
    FROM journal WHERE serial > %(since)s ORDER BY serial LIMIT %(limit)s
"""

# In the order of Python's strings, whatever the database's own is.
_PROJECTS = """
    SELECT p.normalized_name, p.name, COALESCE(s.serial, 0)
    FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
"""
_ALL = f'{_PROJECTS} ORDER BY p.normalized_name COLLATE "C"'
_NAMED = f"{_PROJECTS} WHERE p.normalized_name = ANY(%(names)s)"

_ROLES = """
    SELECT o.role_name, u.username::text
    FROM projects p JOIN roles o ON o.project_id = p.id JOIN users u ON u.id = o.user_id
    WHERE p.normalized_name = %(name)s
    ORDER BY o.role_name <> 'Owner', u.username::text COLLATE "C"
"""

_KEPT_BY = """
    SELECT o.role_name, p.name
    FROM users u JOIN roles o ON o.user_id = u.id JOIN projects p ON p.id = o.project_id
    WHERE u.username = %(username)s::citext
    ORDER BY o.role_name DESC, p.name COLLATE "C"
"""

# Materialized, so that it is planned as if all were wanted: for the first few it might read the whole table instead of
# the index, in the hope of finding them soon.
_CLASSIFIED = """
    WITH found AS MATERIALIZED (
        SELECT project_id, version FROM releases
        WHERE classifiers @> %(classifiers)s::text[] AND NOT is_quarantined
    )
    SELECT p.name, found.version
    FROM found JOIN projects p ON p.id = found.project_id AND p.status <> 'quarantined'
    LIMIT %(limit)s
"""


class TakesTooLong(Exception):
    """The database would need longer for the answer than it is worth."""


class Entry(NamedTuple):
    """A change as mirrors know it; ``at`` is in seconds since 1970."""

    project: str
    version: str | None
    at: int
    action: str
    serial: int


class MirrorSource:
    """Reads what is in the database; each question is one statement unless it says otherwise."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_serial(self) -> int | None:
        """The newest serial; None while nothing has ever happened."""
        return self._database.rows(_LAST_SERIAL, {})[0][0]

    def entries_after(self, serial: int, limit: int) -> list[Entry]:
        """The oldest ``limit`` entries after ``serial``, in order."""
        rows = self._database.rows(_ENTRIES, {"since": serial, "limit": limit})
        return [Entry._make(row) for row in rows]

    def roles(self, normalized_name: str) -> list[tuple[str, str]]:
        """(role, username) of a project, owners first; none for a project that does not exist."""
        return self._database.rows(_ROLES, {"name": normalized_name})

    def kept_by(self, username: str) -> list[tuple[str, str]]:
        """(role, project) of a user, in whatever case the name is written; none for a user who does not exist."""
        return self._database.rows(_KEPT_BY, {"username": username})

    def classified(self, classifiers: Sequence[str], limit: int) -> list[tuple[str, str]]:
        """(project, version) of at most ``limit`` releases that have all of the classifiers, in no order.

        Nothing that is in quarantine is among them. Raises :class:`TakesTooLong` after some seconds.
        """
        with self._moment() as connection:
            connection.execute(f"SET LOCAL statement_timeout = '{LONGEST_SEARCH}s'")
            values = {"classifiers": list(classifiers), "limit": limit}
            try:
                return connection.execute(_CLASSIFIED, values).fetchall()
            except psycopg.errors.QueryCanceled as error:
                raise TakesTooLong from error

    def all_projects(self) -> Iterator[tuple[str, str, int]]:
        """Normalized name, display name and serial of every project in order of the first, streamed, and before them
        the serial of the moment: ``("", "", serial)``."""
        with self._moment() as connection:
            yield "", "", _newest(connection)
            with connection.cursor(name="projects") as cursor:
                cursor.itersize = 5_000
                yield from cursor.execute(_ALL)

    def changed_projects(self, since: int) -> tuple[int, dict[str, tuple[str, int] | None]]:
        """The newest serial, and of each project that may have changed after ``since`` its display name and serial.

        None stands for a project that is gone.
        """
        with self._moment() as connection:
            newest = _newest(connection)
            found = connection.execute(CHANGED, {"since": since}).fetchall()
            changed: dict[str, tuple[str, int] | None] = {row[0]: None for row in found}
            if changed:
                for name, display, serial in connection.execute(_NAMED, {"names": list(changed)}):
                    changed[name] = display, serial
        return newest, changed

    @contextmanager
    def _moment(self) -> Iterator[psycopg.Connection]:
        """One moment for several statements."""
        with self._database.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection


def _newest(connection: psycopg.Connection) -> int:
    row = connection.execute(_LAST_SERIAL).fetchone()
    return row[0] or 0 if row else 0
