"""The schema's history: Alembic migrations, run under a lock so that many machines may start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from warehouse.errors import Conflict
from warehouse.infra.db import Database

LOCK = 0x6D696772  # "migr"


def migrate(database: Database, *, to: str = "head") -> list[str]:
    """Bring the schema up to date; the revisions that were applied, oldest first.

    Safe while another process does the same: the second waits, then finds nothing to do. Refuses with
    :class:`Conflict` a schema that a newer version has made.
    """
    with database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        before = current(connection)
        refuse_newer(before)
        command.upgrade(_config(connection), to)
        return _between(before, current(connection))


def refuse_newer(revision: str | None) -> None:
    """Refuse with :class:`Conflict` a revision that this version does not know."""
    known = {script.revision for script in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()}
    if revision is not None and revision not in known:
        raise Conflict(
            "The database belongs to a newer version of Warehouse, whose schema this one does not know. "
            "Run that version, or restore a backup that was made by this one.",
            code="newer_schema",
        )


def is_current(database: Database) -> bool:
    """Whether the schema is the one this code was written for."""
    with database.engine.connect() as connection:
        return current(connection) == ScriptDirectory.from_config(_config(connection)).get_current_head()


def current(connection: Connection) -> str | None:
    """The revision the database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def _between(before: str | None, after: str | None) -> list[str]:
    if before == after or after is None:
        return []
    scripts = ScriptDirectory(str(Path(__file__).parent))
    return [script.revision for script in scripts.iterate_revisions(after, before or "base")][::-1]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
