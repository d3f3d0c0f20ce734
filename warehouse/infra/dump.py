"""Dumps of a PostgreSQL database, made and loaded by PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse.errors import Conflict
from warehouse.infra.db import libpq_url

# What belongs to the old place and not to the data: the new owner owns everything, and may not comment on extensions.
PLAIN = ("--no-owner", "--no-privileges", "--no-comments")

_TABLES = """
    SELECT count(*) FROM pg_class AS thing JOIN pg_namespace AS place ON place.oid = thing.relnamespace
    WHERE thing.relkind IN ('r', 'p', 'v', 'm', 'S') AND place.nspname <> 'information_schema'
    AND place.nspname NOT LIKE 'pg\\_%'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = thing.oid AND deptype = 'e')
"""


class CannotDump(Conflict):
    """PostgreSQL's programs are not there, are too old, or did not do it; the sentence says which."""


def dump(program: Path, url: str, target: Path, *, snapshot: str) -> None:
    """Write what the exported ``snapshot`` shows of the database at ``url`` into ``target``, with ``pg_dump``.

    Counters in unlogged tables are left out. Refuses with :class:`CannotDump`.
    """
    _check_version(program, url)
    options = ("--format=custom", "--no-unlogged-table-data", f"--snapshot={snapshot}", f"--file={target}")
    _run(program, url, *PLAIN, *options)


def load(program: Path, url: str, source: Path) -> None:
    """Bring a dump into the empty database at ``url`` with ``pg_restore``: all of it or, when it fails, nothing.

    Refuses with :class:`CannotDump`.
    """
    _check_version(program, url)
    _run(program, url, *PLAIN, "--single-transaction", "--exit-on-error", str(source))


def is_empty(url: str) -> bool:
    """Whether the database holds no table, view or sequence except those that belong to extensions."""
    with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
        found = connection.execute(_TABLES).fetchone()
    return found is not None and found[0] == 0


def _check_version(program: Path, url: str) -> None:
    with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
        wanted = connection.info.server_version // 10_000
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except FileNotFoundError as error:
        raise CannotDump(
            f"{program.name} is not on the PATH. Install the client programs of PostgreSQL {wanted}.", code="no_program"
        ) from error
    found = re.search(r"(\d+)", said.partition("PostgreSQL")[2])
    if found is None or int(found[1]) < wanted:
        version = found[1] if found else "an unknown version"
        raise CannotDump(
            f"{program.name} is of PostgreSQL {version}, older than the server. "
            f"Install the client programs of PostgreSQL {wanted}.",
            code="old_program",
        )


def _run(program: Path, url: str, *options: str) -> None:
    """The password goes through the environment: everybody on the machine can see the arguments of a process."""
    where = conninfo_to_dict(libpq_url(url))
    password = where.pop("password", None)
    environ = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if password is not None:
        environ["PGPASSWORD"] = str(password)
    address = make_conninfo("", **where)
    done = subprocess.run(
        [program, "--no-password", f"--dbname={address}", *options],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
        reason = reasons[0].partition("error:")[2].strip() or reasons[0] if reasons else f"status {done.returncode}"
        raise CannotDump(f"{program.name} failed: {reason}", code="program_failed")
