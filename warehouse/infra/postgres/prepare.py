"""What must be in the server before the index can use it: a role without special rights, a database, extensions."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from warehouse.infra.postgres.binaries import EXTENSIONS
from warehouse.infra.postgres.passwords import ROLE, SUPERUSER, read_passwords
from warehouse.infra.postgres.sockets import PORT

DATABASE = "warehouse"
CONNECT_SECONDS = 10


def address(sockets: Path, passwords: Path, *, role: str = ROLE, database: str = DATABASE) -> str:
    """A libpq URI. It names the password file instead of the password, so it may be logged and shown by ``ps``."""
    where = {"host": str(sockets), "port": str(PORT), "passfile": str(passwords)}  # the port, lest PGPORT decides
    return f"postgresql://{role}@/{database}?{urlencode(where, quote_via=quote, safe='')}"


def prepare(sockets: Path, passwords: Path, *, new: bool) -> None:
    """Create what is missing; one short connection when nothing is. ``new`` says that the cluster was made just now."""
    if new:
        _add_role_and_database(sockets, passwords)
    try:
        _add_extensions(sockets, passwords)
    except psycopg.OperationalError:  # the role or its database is not there, or has an older password
        _add_role_and_database(sockets, passwords)
        _add_extensions(sockets, passwords)


def answers(sockets: Path, passwords: Path) -> bool:
    """Whether the server takes connections: also when all of them are in use just now."""
    where = address(sockets, passwords) + "&connect_timeout=2"
    return psycopg.pq.PGconn.ping(where.encode()) == psycopg.pq.Ping.OK


def _add_extensions(sockets: Path, passwords: Path) -> None:
    """As the role itself: it owns the database, the three are trusted, and so a restored backup may replace them."""
    with _connected(address(sockets, passwords)) as db:
        there = {name for (name,) in db.execute("SELECT extname FROM pg_extension")}
        for name in EXTENSIONS:
            if name not in there:
                db.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(name)))


def _add_role_and_database(sockets: Path, passwords: Path) -> None:
    """No superuser: an injected statement must not read files or run programs. CREATEDB lets tests copy databases."""
    secret = read_passwords(passwords).role
    with _connected(address(sockets, passwords, role=SUPERUSER, database="postgres")) as db:
        known = db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        verb = sql.SQL(
            "ALTER ROLE {} LOGIN CREATEDB PASSWORD {}" if known else "CREATE ROLE {} LOGIN CREATEDB PASSWORD {}"
        )
        db.execute(verb.format(sql.Identifier(ROLE), sql.Literal(secret)))
        db.execute(sql.SQL("GRANT pg_monitor TO {}").format(sql.Identifier(ROLE)))
        if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            made = sql.SQL("CREATE DATABASE {} OWNER {}")
            db.execute(made.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))


def _connected(conninfo: str) -> psycopg.Connection[tuple[str, ...]]:
    return psycopg.connect(conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS)
