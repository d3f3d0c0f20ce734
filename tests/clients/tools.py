"""The programs that people publish and install with, kept apart from the configuration of this machine."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.builders import Dist
from tests.served import without

BIN = Path(sys.executable).parent
NOT_OURS = ("PIP_", "UV_", "TWINE_", "WAREHOUSE_", "DATABASE_URL", "VIRTUAL_ENV", "PYTHONPATH", "NETRC", "http_proxy")
TWINE = """
import sys
import twine.__main__, twine.repository
twine.repository.TEST_WAREHOUSE = sys.argv.pop(1)
sys.exit(twine.__main__.main())
"""


@dataclass(frozen=True)
class Run:
    """How a program ended, and what it said on both channels."""

    status: int
    said: str

    @property
    def text(self) -> str:
        """What it said without line breaks: consoles wrap lines where they like."""
        return " ".join(self.said.split())


class Desk:
    """A person's machine: a home without configuration, and programs that know only what they are told."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.environ = {
            **without(os.environ, *NOT_OURS, *(name.upper() for name in NOT_OURS)),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(home / "uv-cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "NO_PROXY": "127.0.0.1",
            "NO_COLOR": "1",
            "COLUMNS": "500",
        }

    def run(self, *command: str | Path, ok: bool | None = True, cwd: Path | None = None, **environ: str) -> Run:
        """Run a program; ``ok`` says whether it must succeed, must fail, or may do either (None)."""
        done = subprocess.run(
            command,
            cwd=cwd or self.home,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
        assert ok is None or ok == (done.returncode == 0), f"{command} ended with {done.returncode}:\n{done.stdout}"
        return Run(done.returncode, done.stdout)

    def twine(self, *arguments: str | Path, token: str, url: str, ok: bool | None = True, folder: Path = BIN) -> Run:
        """``twine upload``, as it is run by scripts.

        twine knows the public index by its address, and lets nobody skip existing files elsewhere; it is told that
        ours is one it knows.
        """
        said = ("--non-interactive", "--disable-progress-bar", "--repository-url", url, "-u", "__token__", "-p", token)
        return self.run(folder / "python", "-c", TWINE, url, "upload", *said, *arguments, ok=ok)

    def uv(self, *arguments: str | Path, ok: bool | None = True, cwd: Path | None = None, **environ: str) -> Run:
        """uv, whatever follows."""
        return self.run(BIN / "uv", *arguments, ok=ok, cwd=cwd, **environ)

    def venv(self, name: str = "venv") -> Path:
        """The Python of a fresh virtual environment with nothing in it."""
        folder = self.home / name
        self.uv("venv", "--quiet", "--clear", "--python", sys.executable, folder)
        return folder / "bin" / "python"

    def pip(self, *arguments: str | Path, python: Path | None = None, ok: bool | None = True, **environ: str) -> Run:
        """pip for the environment of ``python``."""
        target = ("--python", str(python)) if python else ()
        return self.run(BIN / "python", "-m", "pip", *target, *arguments, ok=ok, cwd=None, **environ)

    def installed(self, python: Path) -> dict[str, str]:
        """Versions in an environment by project."""
        listed = self.uv("pip", "list", "--quiet", "--format", "json", "--python", python).said
        return {entry["name"]: entry["version"] for entry in json.loads(listed)}

    def write(self, *dists: Dist) -> list[Path]:
        """The files, in a folder of their own."""
        folder = self.home / "dist"
        folder.mkdir(exist_ok=True)
        paths = [folder / dist.filename for dist in dists]
        for path, dist in zip(paths, dists, strict=True):
            path.write_bytes(dist.content)
        return paths


@dataclass(frozen=True)
class Seen:
    """One request that went by."""

    path: str
    range: str | None
    status: int
    method: str = "GET"


class Watcher:
    """Stands between a client and the index and notes what is asked for; ``tls`` encrypts the client's side."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        watcher, target = self, urlsplit(url)
        assert target.hostname is not None
        host, port = target.hostname, target.port

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                beyond = HTTPConnection(host, port, timeout=30)
                content = self.rfile.read(int(self.headers["Content-Length"] or 0)) or None
                beyond.request(self.command, self.path, content, dict(self.headers.items()))
                answer = beyond.getresponse()
                body = answer.read()
                watcher.seen.append(Seen(self.path, self.headers.get("Range"), answer.status, self.command))
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                beyond.close()

            do_HEAD = do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: what went by is kept in ``seen``."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def asked(self, ending: str) -> list[str]:
        """The file names ending so that were asked for, without repetition."""
        return sorted({seen.path.rpartition("/")[2] for seen in self.seen if seen.path.endswith(ending)})

    def close(self) -> None:
        """Stop watching."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def with_credentials(url: str, token: str) -> str:
    """The address with a token inside."""
    return url.replace("://", f"://__token__:{token}@", 1)


def urls_of(report: Mapping[str, Any]) -> dict[str, str]:
    """Where pip says that it got each project from (``--report``)."""
    return {entry["metadata"]["name"]: entry["download_info"]["url"] for entry in report["install"]}


def requirements(dists: Sequence[Dist]) -> str:
    """Lines of a requirements file with hashes."""
    named = ((dist.filename.split("-")[0].replace("_", "-"), dist) for dist in dists)
    return "".join(f"{name}=={dist.filename.split('-')[1]} --hash=sha256:{dist.sha256}\n" for name, dist in named)
