"""The PostgreSQL that an operating system brings, as an operator would run it for an index."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
OLDEST = 15
START_SECONDS = 30


class NotOnThisMachine(Exception):
    """There is no PostgreSQL beside the one that comes with the index, or nobody whom it may run as."""


class Cluster:
    """One server in ``folder``, reached by a socket in it; everybody may come in as anybody."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs

    @property
    def url(self) -> str:
        """The database of an index, whose role may do nothing outside it."""
        return f"postgresql://warehouse@/warehouse?host={self._folder}"

    def create(self) -> None:
        """Make the cluster, and in it the role and the database that the manual asks for."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync")
        self.start()
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self._folder}", autocommit=True) as connection:
            connection.execute("CREATE ROLE warehouse LOGIN")
            connection.execute("CREATE DATABASE warehouse OWNER warehouse")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
        self._control("start", "-w", "-t", str(START_SECONDS), "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop it as a package upgrade does: clients are cut off."""
        self._control("stop", "-m", "fast")

    def restart(self) -> None:
        """Stop it, and start it again."""
        self.stop()
        self.start()

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        user = "postgres" if os.geteuid() == 0 else None  # it does not run as root
        done = subprocess.run(
            [self._programs / program, *arguments],
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # which the server would keep open
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed: {done.stderr} see {self._folder / 'log'}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new server with an empty database. Refuses with NotOnThisMachine where there is none to run."""
    found = [path for path in PROGRAMS if int(path.parent.name) >= OLDEST and (path / "initdb").exists()]
    if not found:
        raise NotOnThisMachine(f"There is no PostgreSQL {OLDEST} or newer in /usr/lib/postgresql.")
    if os.geteuid() == 0 and not any(entry.pw_name == "postgres" for entry in pwd.getpwall()):
        raise NotOnThisMachine("PostgreSQL does not run as root, and there is no user 'postgres'.")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short, for its socket, and open to its user
    made = Cluster(folder, found[0])
    try:
        made.create()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
