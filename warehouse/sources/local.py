"""Pages and files of this index's own projects: one SQL statement each, over columns that uploads computed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg

from warehouse.infra.db import Database
from warehouse.standards.simple import FileEntry, ProjectPage

# The entries come as rows that are tuples of a page's FileEntry already: a page of ten thousand files would
# otherwise spend its time in constructors. Times are written as PEP 700 wants them, without a zero fraction.
_PROJECT = """
    SELECT p.normalized_name, COALESCE(s.serial, 0), p.status, p.status_reason
    FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
    WHERE p.normalized_name = %(name)s
"""

_PAGE = """
    WITH page AS MATERIALIZED (
        SELECT p.id, COALESCE(s.serial, 0) AS serial, p.status, p.status_reason
        FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
        WHERE p.normalized_name = %(name)s
    )
    SELECT
        f.filename,
        r.version,
        %(base)s || substr(f.blake2_256, 1, 2) || '/' || substr(f.blake2_256, 3, 2) || '/' || substr(f.blake2_256, 5)
            || '/' || f.filename,
        f.sha256,
        f.size,
        replace(to_char(f.uploaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z'),
        f.requires_python,
        CASE WHEN r.yanked_at IS NULL THEN NULL ELSE r.yanked_reason END,
        f.metadata_sha256,
        NULL,
        page.serial, page.status, page.status_reason
    FROM page
    LEFT JOIN (files f JOIN releases r ON r.id = f.release_id AND r.project_id = f.project_id AND NOT r.is_quarantined)
        ON f.project_id = page.id
    ORDER BY r.version_key, f.filename COLLATE "C"
"""

_FILE = """
    SELECT p.normalized_name, f.filename, f.size, f.metadata_blake2_256,
           p.status = 'quarantined' OR r.is_quarantined
    FROM files f JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = f.project_id
    WHERE f.blake2_256 = %(digest)s
"""

_LISTED = """
    FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
    WHERE p.status <> 'quarantined'
"""
_PROJECTS = f"SELECT p.normalized_name, p.name, COALESCE(s.serial, 0) {_LISTED}"

# One row for so many projects, each a line as warehouse.standards.simple.root writes it.
_PACKED = f"""
    SELECT string_agg(line, E'\\n' ORDER BY place)
    FROM (
        SELECT
            row_number() OVER (ORDER BY p.normalized_name COLLATE "C") AS place,
            p.normalized_name || E'\\t' || CASE WHEN p.name = p.normalized_name THEN '' ELSE p.name END || E'\\t'
                || COALESCE(s.serial, 0) AS line
        {_LISTED}
    ) AS packed
    GROUP BY (place - 1) / %(at_a_time)s ORDER BY (place - 1) / %(at_a_time)s
"""


@dataclass(frozen=True)
class FoundFile:
    """A file that may be served: whose it is, and the digests of its bytes and of its metadata companion."""

    project: str
    filename: str
    size: int
    blake2_256: str
    metadata_blake2_256: str | None


class LocalSource:
    """Reads what is in the database. ``files_base`` is what file links begin with, ending in ``/``."""

    def __init__(self, database: Database, files_base: str) -> None:
        self._database = database
        self._files_base = files_base

    def project(self, normalized_name: str) -> ProjectPage | None:
        """The project's page as of one moment, None when there is no such project."""
        with self._database.connection() as connection:
            rows = connection.execute(
                _PAGE, {"name": normalized_name, "base": self._files_base}, prepare=True
            ).fetchall()
        if not rows:
            return None
        serial, status, reason = rows[0][10:]
        return ProjectPage(normalized_name, serial, [_entry(row) for row in rows if row[0] is not None], status, reason)

    def exists(self, normalized_name: str) -> bool:
        """Whether there is such a project."""
        return bool(self._database.rows(_PROJECT, {"name": normalized_name}))

    def file(self, blake2_256: str) -> FoundFile | None:
        """The file with these bytes; None when there is none or it is in quarantine."""
        rows = self._database.rows(_FILE, {"digest": blake2_256})
        if not rows or rows[0][4]:
            return None
        project, filename, size, companion, _ = rows[0]
        return FoundFile(project, filename, size, blake2_256, companion)

    def packed_projects(self, at_a_time: int = 1000) -> tuple[int, list[str]]:
        """The newest serial, and every listed project as the root list packs them.

        The database sorts and packs: for a million projects that would take this process seconds, in which everybody
        else waits for the interpreter.
        """
        with self._database.connection() as connection, _snapshot(connection):
            with connection.cursor(name="projects") as cursor:
                cursor.itersize = 20  # parts; a row is 30 KB of text
                packed = [row[0] for row in cursor.execute(_PACKED, {"at_a_time": at_a_time})]
            return _last_serial(connection), packed

    def changed_projects(self, since: int) -> tuple[int, list[str], list[tuple[str, str, int]]]:
        """What the root list needs to catch up: the newest serial, every name that changed, those that are listed."""
        with self._database.connection() as connection, _snapshot(connection):
            serial = _last_serial(connection)
            query = "SELECT DISTINCT normalized_name FROM journal WHERE serial > %s AND serial <= %s"
            names = [row[0] for row in connection.execute(query, (since, serial))]
            listed = connection.execute(f"{_PROJECTS} AND p.normalized_name = ANY(%s)", (names,)).fetchall()
        return serial, names, [(row[0], row[1], row[2]) for row in listed]


def _entry(row: tuple) -> FileEntry:
    yanked = row[7]
    return FileEntry._make((*row[:7], False if yanked is None else yanked or True, row[8], row[9]))


def _last_serial(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT COALESCE(max(serial), 0) FROM journal").fetchone()
    return row[0] if row else 0


def _snapshot(connection: psycopg.Connection) -> AbstractContextManager[psycopg.Transaction]:
    """One moment for several statements."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    return connection.transaction()
