"""Writing invented projects into the index, all of them or none."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import NamedTuple

import psycopg

from warehouse.domain.journal.writing import CHANNEL, LOCK
from warehouse.errors import Conflict
from warehouse.infra.bulk import copy, without_indexes
from warehouse.infra.db import libpq_url
from warehouse.operations.downloads import add_up_downloads
from warehouse.operations.populating.downloads import invent_downloads
from warehouse.operations.populating.inventing import COLUMNS, MEAN_FILES, Inventor, Rows
from warehouse.work import SYSTEM, Progress, Tools, begin

GROWN = ("projects", "roles", "releases", "descriptions", "files", "file_names", "journal", "project_serials")
FROZEN = ("projects", "roles", "releases", "descriptions", "files", "file_names")

_PATIENCE = """
    SET LOCAL statement_timeout = 0;
    SET LOCAL lock_timeout = '10s';
    SET LOCAL work_mem = '128MB';
    SET LOCAL maintenance_work_mem = '512MB'
"""

# What uploads would have told, in the order of its time.
_JOURNAL = """
    WITH told AS (
        SELECT project.created_at AS at, 0 AS stage, 0::bigint AS id, 'project created' AS change, 'create' AS action,
            project.id AS project_id, NULL AS version, role.user_id
        FROM roles AS role JOIN projects AS project ON project.id = role.project_id
        WHERE role.id > %(role)s AND role.role_name = 'Owner'
        UNION ALL
        SELECT project.created_at, 1, role.id, 'people changed', 'add ' || role.role_name || ' ' || person.username,
            project.id, NULL, role.user_id
        FROM roles AS role
        JOIN projects AS project ON project.id = role.project_id JOIN users AS person ON person.id = role.user_id
        WHERE role.id > %(role)s
        UNION ALL
        SELECT created_at, 2, id, 'release created', 'new release', project_id, version, uploader_id
        FROM releases WHERE id > %(release)s
        UNION ALL
        SELECT file.uploaded_at, 3, file.id, 'file added', 'add ' || file.python_version || ' file ' || file.filename,
            file.project_id, release.version, release.uploader_id
        FROM files AS file JOIN releases AS release ON release.id = file.release_id WHERE file.id > %(file)s
        UNION ALL
        SELECT yanked_at, 4, id, 'release yanked', 'yank release', project_id, version, uploader_id
        FROM releases WHERE id > %(release)s AND yanked_at IS NOT NULL
    )
    INSERT INTO journal (change, action, project, normalized_name, version, submitted_by, submitted_at)
    SELECT told.change, told.action, project.name, project.normalized_name, told.version, person.username, told.at
    FROM told JOIN projects AS project ON project.id = told.project_id
    LEFT JOIN users AS person ON person.id = told.user_id
    ORDER BY told.at, told.stage, told.id
"""
_SERIALS = """
    INSERT INTO project_serials (normalized_name, serial)
    SELECT normalized_name, max(serial) FROM journal WHERE serial > %(serial)s GROUP BY normalized_name
"""


class _Last(NamedTuple):
    """The numbers that were given out before."""

    project: int
    release: int
    file: int
    role: int
    serial: int


def populate(
    tools: Tools,
    count: int,
    *,
    seed: int,
    mean_files: float = MEAN_FILES,
    extend: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> int:
    """Add ``count`` invented projects, without the bytes of their files; the newest serial.

    The same numbers and the same seed always make the same index. Everything happens in one transaction. An empty
    index is closed to everyone meanwhile, since it is filled without indexes; one that is not is refused with
    Conflict, or with ``extend`` grows beside its readers. What follows the journal is not told: rebuild it.
    """
    with tools.database.connection() as connection:
        connection.execute(_PATIENCE)
        _Filling(connection, count, seed, mean_files, progress).run(extend=extend)
        serial = _last(connection).serial
        connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(serial)))
        connection.commit()
    tools.head.raise_to(serial)
    with begin(tools, SYSTEM) as work:
        add_up_downloads(work, since=date.min.isoformat())
    _tidy_up(tools)
    return serial


class _Filling:
    def __init__(
        self, connection: psycopg.Connection, count: int, seed: int, mean_files: float, progress: Progress
    ) -> None:
        self._connection = connection
        self._count = count
        self._seed = seed
        self._mean_files = mean_files
        self._progress = progress
        self._freeze = False

    def run(self, *, extend: bool) -> None:
        if extend:
            self._fill()
            return
        connection = self._connection
        connection.execute(f"LOCK TABLE {', '.join(GROWN)} IN ACCESS EXCLUSIVE MODE")
        used = " UNION ALL ".join(f"(SELECT 1 FROM {table} LIMIT 1)" for table in FROZEN)
        if connection.execute(used).fetchone():
            raise Conflict(
                "This index is not empty. Populate another one (--data FOLDER), or add to this one with --force.",
                code="not_empty",
            )
        with without_indexes(connection, GROWN, partial(self._progress, "indexes")):
            connection.execute(f"TRUNCATE {', '.join(FROZEN)}")  # nothing: COPY may freeze what comes next
            self._freeze = True
            self._fill()

    def _fill(self) -> None:
        last = _last(self._connection)
        inventor = Inventor(self._seed, last.project, self._count, last.release, self._mean_files)
        for rows in inventor.users():
            self._copy(rows)
        done = 0
        for rows in inventor.projects():
            self._copy(rows)
            done += rows.projects
            self._progress("projects", done, self._count)
        self._connection.execute(f"SELECT setval({_SEQUENCE}, greatest(1, (SELECT max(id) FROM releases)))")
        self._connection.execute(f"ANALYZE {', '.join(FROZEN)}")
        # From here to the end nobody else writes an entry, so the numbers of ours are in the order of commits, too.
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        serial = _last(self._connection).serial
        self._progress("journal", 0, 2)
        self._connection.execute(_JOURNAL, last._asdict())
        self._progress("journal", 1, 2)
        self._connection.execute(_SERIALS, {"serial": serial})
        self._progress("journal", 2, 2)
        invent_downloads(self._connection, seed=self._seed, after=last.release)

    def _copy(self, rows: Rows) -> None:
        for table, columns in COLUMNS.items():
            if text := rows.text(table):
                copy(self._connection, table, columns, text, freeze=self._freeze and table in FROZEN)


_SEQUENCE = "pg_get_serial_sequence('releases', 'id')"


def _last(connection: psycopg.Connection) -> _Last:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM projects), (SELECT coalesce(max(id), 0) FROM releases),"
        " (SELECT coalesce(max(id), 0) FROM files), (SELECT coalesce(max(id), 0) FROM roles),"
        " (SELECT coalesce(max(serial), 0) FROM journal)"
    ).fetchone()
    return _Last(*row) if row else _Last(0, 0, 0, 0, 0)


def _tidy_up(tools: Tools) -> None:
    """Let the database know its new tables, so that it plans for them, and reads of them what it can from indexes."""
    with psycopg.connect(libpq_url(tools.database.url), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) users, emails, journal, project_serials")
        connection.execute("ANALYZE")
