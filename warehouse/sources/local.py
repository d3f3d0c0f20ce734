"""Pages and files of this index's own projects: one SQL statement each, over columns that uploads computed."""

from __future__ import annotations

from collections.abc import Iterator
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

_PROJECTS = """
    SELECT p.normalized_name, p.name, COALESCE(s.serial, 0)
    FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
    WHERE p.status <> 'quarantined'
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

    def all_projects(self) -> Iterator[tuple[str, str, int]]:
        """Normalized name, display name and serial of every listed project, streamed, and first of all the serial
        of the moment: ``("", "", serial)``."""
        with self._database.connection() as connection, _snapshot(connection):
            yield "", "", _last_serial(connection)
            with connection.cursor(name="projects") as cursor:
                cursor.itersize = 5_000
                yield from cursor.execute(_PROJECTS)

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
