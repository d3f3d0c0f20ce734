"""A running index as its users meet it: the real ``warehouse serve`` in a process tree of its own."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.builders import Dist
from tests.index import JSON, basic, multipart_body
from warehouse.application import Application
from warehouse.work import Tools

COMMAND = Path(sys.executable).with_name("warehouse")
START_SECONDS = 60
STOP_SECONDS = 45
CHEAP = {
    "WAREHOUSE_PASSWORDS__MEMORY": "64 KiB",
    "WAREHOUSE_PASSWORDS__PASSES": "1",
    "WAREHOUSE_PASSWORDS__LANES": "1",
    "WAREHOUSE_POSTGRES__SHARED_BUFFERS": "16 MiB",
    "WAREHOUSE_WEB__WORKERS": "2",
}


@dataclass(frozen=True)
class Process:
    """One living process of the tree. ``role`` is supervisor, web-1, web-2, jobs, postmaster, backend or helper."""

    pid: int
    role: str


@dataclass(frozen=True)
class Response:
    """An answer, read whole."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Served:
    """An index served from ``data``: started, asked, stopped, killed and started again at the same address."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        self.log = folder / "log"
        self._folder = folder
        self._starts = 0
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}
        self._environ = {
            **without(os.environ, "WAREHOUSE_", "DATABASE_URL"),
            **CHEAP,
            "WAREHOUSE_DATA": str(self.data),
            "WAREHOUSE_LISTEN": "127.0.0.1:0",
            "WAREHOUSE_LOGS__FORMAT": "json",
            **environ,
        }

    @property
    def upload_url(self) -> str:
        return f"{self.url}/legacy/"

    @property
    def simple_url(self) -> str:
        return f"{self.url}/simple/"

    def start(self) -> None:
        """Run ``warehouse serve`` until it says where it listens; at the former address, if there was one."""
        self.begin()
        eventually(self._listens, seconds=START_SECONDS, otherwise=self.log.read_text)
        self.url = self._address() or ""

    def begin(self) -> None:
        """Run ``warehouse serve`` and wait for nothing."""
        if self.url:
            self._environ["WAREHOUSE_LISTEN"] = urlsplit(self.url).netloc
        self._starts += 1
        with self.said.open("ab") as said, self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "serve"], env=self._environ, stdout=said, stderr=log, start_new_session=True
            )

    @property
    def said(self) -> Path:
        """What the last start has said. Orphans of one that was killed speak for a moment longer, into their own."""
        return self._folder / f"said-{self._starts}"

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"serve ended with {self._process.returncode}:\n{self.log.read_text()}"
        return self._address() is not None

    def _address(self) -> str | None:
        begin = "listening on "
        lines = self.said.read_text().splitlines()
        return next((line.removeprefix(begin) for line in lines if line.startswith(begin)), None)

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not waited for since."""
        return self._process is not None and self._process.returncode is None

    @property
    def supervisor(self) -> int:
        """The number of the process that was started."""
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor."""
        os.kill(self.supervisor, number)

    def wait(self) -> int:
        """Wait for the supervisor's end; its exit status."""
        assert self._process is not None
        return self._process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ask the tree to end, as a service manager does; nobody may be left."""
        self.signal(signal.SIGTERM)  # a zombie takes it, too: then its status tells
        assert self.wait() == 0, self.log.read_text()
        assert self.processes() == []

    def kill(self) -> None:
        """End whatever is left of the tree, at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        end = time.monotonic() + 10
        while (left := self.processes()) and time.monotonic() < end:
            for process in left:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            time.sleep(0.05)

    def processes(self) -> list[Process]:
        """Everybody who works for this data folder, children of a killed parent too."""
        names = self._named()
        found = (_process_of(int(entry.name), self, names) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [process for process in found if process is not None]

    def role(self, role: str) -> list[int]:
        """The processes of this role."""
        return [process.pid for process in self.processes() if process.role == role]

    def _named(self) -> dict[int, str]:
        """The last name that the supervisor gave to a child with this number."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        events = (json.loads(line) for line in lines if line.startswith("{"))
        return {event["pid"]: event["child"] for event in events if "child" in event and "pid" in event}

    @property
    def is_whole(self) -> bool:
        """Whether everybody is there, and every web worker answers with the database's help."""
        roles = {process.role for process in self.processes()}
        if not {"supervisor", "web-1", "web-2", "jobs", "postmaster"} <= roles:
            return False
        try:  # so many connections that no worker is spared
            return all(self.get(f"/simple/nobody-{n}-{time.monotonic_ns()}/").status == 404 for n in range(8))
        except (OSError, http.client.HTTPException):
            return False

    def run(self, *arguments: str, text: str = "", ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run another ``warehouse`` command on the same data folder."""
        done = subprocess.run(
            [COMMAND, *arguments], env=self._environ, input=text, capture_output=True, text=True, timeout=120
        )
        assert not ok or done.returncode == 0, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def token(self, user: str = "ada") -> str:
        """An API token of the user, who is added when asked for the first time."""
        if user not in self._tokens:
            address = f"{user}@example.com"
            self.run("user", "add", user, "--email", address, "--password-stdin", text="correct horse battery staple\n")
            self._tokens[user] = self.run("token", "create", user).stdout.strip()
        return self._tokens[user]

    @contextmanager
    def tools(self) -> Iterator[Tools]:
        """What commands work with, in this process, for what no command does yet."""
        with Application(self._environ).tools() as tools:
            yield tools
            tools.head.close()

    def connect(self, timeout: float = 30) -> http.client.HTTPConnection:
        """A new connection."""
        address = urlsplit(self.url)
        assert address.hostname is not None
        return http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)

    def get(self, path: str, *, connection: http.client.HTTPConnection | None = None, **headers: str) -> Response:
        """Ask, over a new connection unless one is given."""
        return self._exchange("GET", path, None, headers, connection)

    def upload(self, dist: Dist, *, connection: http.client.HTTPConnection | None = None) -> Response:
        """Post the file as ada."""
        body, headers = upload_request(dist, self.token())
        return self._exchange("POST", "/legacy/", body, headers, connection)

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        connection: http.client.HTTPConnection | None,
    ) -> Response:
        used = connection or self.connect()
        try:
            used.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = used.getresponse()
            return Response(answer.status, answer.reason, dict(answer.getheaders()), answer.read())
        finally:
            if connection is None:
                used.close()

    def publish(self, *dists: Dist) -> None:
        """Upload files that must be accepted."""
        for dist in dists:
            answer = self.upload(dist)
            assert answer.status == 200, answer

    def files(self, project: str) -> list[dict[str, Any]]:
        """The files on a project's page."""
        answer = self.get(f"/simple/{project}/", accept=JSON)
        assert answer.status == 200, answer
        return list(answer.json()["files"])

    def digest_of(self, file: Mapping[str, Any]) -> str:
        """SHA-256 of what is downloaded for this entry of a project's page."""
        answer = self.get(file["url"])
        assert answer.status == 200, answer
        return hashlib.sha256(answer.body).hexdigest()


@contextmanager
def served(folder: Path, **environ: str) -> Iterator[Served]:
    """Serve an index from an empty folder while the block runs; afterwards nobody of its process tree is left."""
    index = Served(folder, environ)
    try:
        index.start()
        yield index
        if index.is_running:
            index.stop()
    finally:
        index.kill()


def upload_request(dist: Dist, token: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an upload."""
    body, boundary = multipart_body(dist.form(), [("content", dist.filename, "application/octet-stream", dist.content)])
    headers = {
        "Authorization": basic("__token__", token),
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(body)),
    }
    return body, headers


def eventually(
    fact: Callable[[], bool], *, seconds: float = 20, otherwise: Callable[[], object] = lambda: "it did not happen"
) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.02)


def without(environ: Mapping[str, str], *beginnings: str) -> dict[str, str]:
    """The environment without the variables that begin so."""
    return {name: value for name, value in environ.items() if not name.startswith(beginnings)}


def _process_of(pid: int, index: Served, names: Mapping[int, str]) -> Process | None:
    """Recognised by the data folder in its environment or, for PostgreSQL which hides that, by where it works."""
    folder = Path(f"/proc/{pid}")
    try:
        if ") Z " in (folder / "stat").read_text():
            return None
        environ = (folder / "environ").read_bytes().split(b"\0")
        command = (folder / "cmdline").read_bytes().split(b"\0")
        place = str((folder / "cwd").readlink())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    if place.startswith(f"{index.data}/"):
        return Process(pid, _postgres_role(command))
    if f"WAREHOUSE_DATA={index.data}".encode() not in environ:
        return None
    return Process(pid, "supervisor" if pid == index.supervisor else names.get(pid, "helper"))


def _postgres_role(command: Sequence[bytes]) -> str:
    title = command[0].decode(errors="replace")
    if not title.startswith("postgres:"):
        return "postmaster"
    return "backend" if "[local]" in title else "helper"
