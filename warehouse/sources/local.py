"""Pages and files of this index's own projects: one SQL statement each, over columns that uploads computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import orjson
import psycopg

from warehouse.infra.db import Database
from warehouse.sources.changed import CHANGED
from warehouse.standards.namespaces import DEEPEST
from warehouse.standards.simple import FileEntry, ProjectPage

_WIDTH = len(FileEntry._fields)

FILE_URL = """concat(%(base)s::text, substr(f.blake2_256, 1, 2), '/', substr(f.blake2_256, 3, 2), '/',
            substr(f.blake2_256, 5), '/', f.filename)"""
"""The address of a file ``f`` by its digest, in a statement."""

_EXISTS = "SELECT 1 FROM projects WHERE normalized_name = %(name)s"

# The first row tells of the project, as if it were the oldest of its releases; each other one is a page's FileEntry.
# The releases are sorted before their files are looked up, so that only the files of one are compared with one another.
_PAGE = """
    WITH page AS MATERIALIZED (
        SELECT p.id, COALESCE(s.serial, 0) AS serial, p.status, p.status_reason{asked}
        FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
        WHERE p.normalized_name = %(name)s
    ), shown AS (
        SELECT NULL::bigint AS id, NULL AS version, ''::bytea AS version_key, NULL AS yanked,
               serial, status, status_reason{told}
        FROM page
        UNION ALL
        SELECT id, version, version_key, CASE WHEN yanked_at IS NOT NULL THEN yanked_reason END,
               NULL, NULL, NULL{untold}
        FROM releases WHERE project_id = (SELECT id FROM page) AND NOT is_quarantined
        ORDER BY version_key
    )
    SELECT
        f.filename,
        r.version,
        {url},
        f.sha256,
        f.size,
        f.uploaded_at AT TIME ZONE 'UTC',
        f.requires_python,
        r.yanked,
        f.metadata_sha256,
        NULL,
        r.serial, r.status, r.status_reason{told}
    FROM shown r LEFT JOIN files f ON f.release_id = r.id
    ORDER BY r.version_key, f.filename COLLATE "C"
"""

# What an index with namespaces asks beside: the grants that cover the name, and whether an owner holds each. What may
# cover it is made of the name here rather than given: the plan for any name is then as good as the one for this name,
# and is not made anew for each.
_NAMESPACES = f""",
            (
                SELECT json_agg(json_build_array(n.name, EXISTS (
                    SELECT FROM roles o
                    WHERE o.project_id = p.id AND o.role_name = 'Owner' AND o.user_id = n.owner_id
                )) ORDER BY n.name)
                FROM namespaces n WHERE n.name = ANY(ARRAY(
                    SELECT array_to_string(parts[:number], '-')
                    FROM string_to_array(p.normalized_name, '-') AS parts
                    CROSS JOIN LATERAL generate_series(1, least(cardinality(parts), {DEEPEST + 1})) AS number
                ))
            )::text AS namespaces"""

_FILE = """
    SELECT p.normalized_name, f.filename, f.size, f.metadata_blake2_256,
           p.status = 'quarantined' OR r.is_quarantined
    FROM files f JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = f.project_id
    WHERE f.blake2_256 = %(digest)s
"""

_ADDRESS = f"""
    SELECT {FILE_URL}
    FROM files f JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = f.project_id
    WHERE f.filename = %(filename)s AND f.python_version = %(tag)s AND p.normalized_name = %(name)s
        AND p.status <> 'quarantined' AND NOT r.is_quarantined
"""

_LISTED = """
    FROM projects p LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
    WHERE p.status <> 'quarantined'
"""
_PROJECTS = f"SELECT p.normalized_name, p.name, COALESCE(s.serial, 0) {_LISTED}"

# All of it as one text, a line for each project as warehouse.standards.simple.root writes it.
_PACKED = f"""
    SELECT COALESCE(string_agg(
        p.normalized_name || E'\\t' || CASE WHEN p.name = p.normalized_name THEN '' ELSE p.name END || E'\\t'
            || COALESCE(s.serial, 0),
        E'\\n' ORDER BY p.normalized_name COLLATE "C"
    ), '')
    {_LISTED}
"""

# All rows of two tables are read: one after the other, rather than each by an index.
_READ_EVERYTHING = "SET LOCAL random_page_cost = 10; SET LOCAL work_mem = '64MB'"


@dataclass(frozen=True)
class FoundFile:
    """A file that may be served: whose it is, and the digests of its bytes and of its metadata companion."""

    project: str
    filename: str
    size: int
    blake2_256: str
    metadata_blake2_256: str | None


class LocalSource:
    """Reads what is in the database.

    ``files_base`` is what file links begin with, ending in ``/``; ``namespaces`` says whether the index has any.
    """

    def __init__(self, database: Database, files_base: str, *, namespaces: bool = False) -> None:
        self._database = database
        self._files_base = files_base
        self._namespaces = namespaces
        if namespaces:
            self._page = _PAGE.format(url=FILE_URL, asked=_NAMESPACES, told=", namespaces", untold=", NULL")
        else:
            self._page = _PAGE.format(url=FILE_URL, asked="", told="", untold="")

    def project(self, normalized_name: str) -> ProjectPage | None:
        """The project's page as of one moment, None when there is no such project."""
        rows = self._database.rows(self._page, {"name": normalized_name, "base": self._files_base})
        if not rows:
            return None
        serial, status, reason, *told = rows[0][_WIDTH:]
        namespaces = None
        if self._namespaces:
            namespaces = [(name, owned) for name, owned in orjson.loads(told[0] or b"[]")]
        # Without the price of ten thousand constructors: FileEntry is a plain tuple, too. The project itself, and a
        # release without files, is a row without a file name.
        files = cast("list[FileEntry]", [row[:_WIDTH] for row in rows if row[0] is not None])
        return ProjectPage(normalized_name, serial, files, status, reason, namespaces)

    def exists(self, normalized_name: str) -> bool:
        """Whether there is such a project."""
        return bool(self._database.rows(_EXISTS, {"name": normalized_name}))

    def file(self, blake2_256: str) -> FoundFile | None:
        """The file with these bytes; None when there is none or it is in quarantine."""
        rows = self._database.rows(_FILE, {"digest": blake2_256})
        if not rows or rows[0][4]:
            return None
        project, filename, size, companion, _ = rows[0]
        return FoundFile(project, filename, size, blake2_256, companion)

    def address(self, normalized_name: str, python_version: str, filename: str) -> str | None:
        """The URL of a project's file with this tag and name; None when there is none or it is in quarantine."""
        asked = {"name": normalized_name, "tag": python_version, "filename": filename, "base": self._files_base}
        rows = self._database.rows(_ADDRESS, asked)
        return rows[0][0] if rows else None

    def packed_projects(self) -> tuple[int, str]:
        """The newest serial, and every listed project as the root list packs them.

        The database sorts and packs: for a million projects that would take this process seconds, in which everybody
        else waits for the interpreter.
        """
        with self._database.snapshot() as connection:
            connection.execute(_READ_EVERYTHING)
            [(packed,)] = connection.execute(_PACKED).fetchall()
            return _last_serial(connection), packed

    def changed_projects(self, since: int) -> tuple[int, list[str], list[tuple[str, str, int]]]:
        """What the root list needs to catch up: the newest serial, every name that changed, those that are listed."""
        with self._database.snapshot() as connection:
            serial = _last_serial(connection)
            names = [row[0] for row in connection.execute(CHANGED, {"since": since})]
            listed = connection.execute(f"{_PROJECTS} AND p.normalized_name = ANY(%s)", (names,)).fetchall()
        return serial, names, [(row[0], row[1], row[2]) for row in listed]


def _last_serial(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT COALESCE(max(serial), 0) FROM journal").fetchone()
    return row[0] if row else 0
