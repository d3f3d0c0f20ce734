"""Folders with a database in them, and other processes that use them; nothing survives a test."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from warehouse.infra.postgres import EmbeddedPostgres

ANOTHER = """
import os, sys
from pathlib import Path
import psycopg
from warehouse.infra.postgres import EmbeddedPostgres, NoDatabase

data, uid, lease = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "lease"
if uid != os.geteuid():
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    os.environ.pop("XDG_RUNTIME_DIR", None)
server = EmbeddedPostgres(data, durable=False)
for line in sys.stdin:
    try:
        match line.split():
            case ["start"]:
                server.start(lease=lease)
                answer = f"{server.pid} {server.is_ours}"
            case ["ensure"]:
                server.ensure_running()
                answer = f"{server.pid} {server.is_ours}"
            case ["stop"]:
                server.stop()
                answer = "stopped"
            case ["ask", *words]:
                with psycopg.connect(server.url) as db:
                    answer = str(db.execute(" ".join(words)).fetchone()[0])
    except NoDatabase as refusal:
        answer = f"refused: {refusal}"
    print(answer, flush=True)
"""


class Another:
    """Another process with its own ``EmbeddedPostgres`` on a folder; one line is one thing to do."""

    def __init__(self, data: Path, *, uid: int, lease: bool) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ANOTHER, data, str(uid), "lease" if lease else "none"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def asked(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def does(self, line: str) -> str:
        self.asked(line)
        return self.answer()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def servers_below(folder: Path) -> list[int]:
    """Every process, server or backend, that works in the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                works_in = str((entry / "cwd").readlink())
            except OSError:  # it has ended meanwhile
                continue
            if works_in.startswith(str(folder)):
                found.append(int(entry.name))
    return found


def empty_folder() -> Path:
    """In memory where there is enough, since nothing here asks for a disk: ten times faster on a busy one."""
    space = os.statvfs("/dev/shm")
    roomy = space.f_bavail * space.f_frsize > 2**30 and not space.f_flag & os.ST_NOEXEC
    made = Path(tempfile.mkdtemp(prefix="wh-", dir="/dev/shm" if roomy else "/tmp"))
    made.chmod(0o711)
    return made


def copied(data: Path, target: Path) -> Path:
    """A copy of a data folder that shares the programs."""
    (target / "postgres").mkdir(parents=True)
    (target / "postgres").chmod(0o711)
    for part in (data / "postgres").iterdir():
        if part.name.startswith("runtime-"):
            (target / "postgres" / part.name).symlink_to(part)
        else:
            subprocess.run(["cp", "-a", part, target / "postgres"], check=True)
    return target


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter, without the processes that worked in it afterwards."""
    made = empty_folder()
    yield made
    while servers := servers_below(made):
        for pid in servers:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)  # they write until they are gone, also into what is about to be removed
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """A data folder whose database was made and stopped, to copy from."""
    made = empty_folder()
    with EmbeddedPostgres(made / "data", durable=False):
        pass
    yield made / "data"
    shutil.rmtree(made)


@pytest.fixture
def data(folder: Path, made_once: Path) -> Path:
    """A data folder with a stopped, empty database."""
    return copied(made_once, folder / "data")


@pytest.fixture
def postgres(data: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data, durable=False, lease_limit=60)  # longer than any test waits for it to be kept
    yield server
    server.stop()


@pytest.fixture
def another() -> Iterator[Callable[..., Another]]:
    begun: list[Another] = []

    def begin(data: Path, *, uid: int | None = None, lease: bool = True) -> Another:
        begun.append(Another(data, uid=os.geteuid() if uid is None else uid, lease=lease))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


@pytest.fixture
def copy() -> Callable[[Path, Path], Path]:
    return copied


@pytest.fixture
def workers() -> Callable[[Path], list[int]]:
    return servers_below


@pytest.fixture
def ask() -> Callable[..., object]:
    def one(server: EmbeddedPostgres, statement: str) -> object:
        with psycopg.connect(server.url) as db:
            cursor = db.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    return one
