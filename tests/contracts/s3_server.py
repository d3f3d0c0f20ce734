"""Real servers that speak the S3 protocol, and some that misbehave, on free loopback ports."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUCKET = "warehouse-test"
START_SECONDS = 30


@dataclass(frozen=True)
class S3Server:
    """Where a server listens and what it wants to be told."""

    endpoint: str
    access_key_id: str = "test-key"
    secret_access_key: str = "test-secret"
    region: str = "us-east-1"

    @property
    def config(self) -> dict[str, str]:
        """What a store is told about it."""
        return {
            "endpoint": self.endpoint,
            "region": self.region,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
        }


def free_port() -> int:
    """A port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def moto(log: Path) -> Iterator[S3Server]:
    """A moto server with an empty bucket, in a process of its own. It does not check signatures."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=output, stderr=output
        )
    try:
        server = S3Server(f"http://127.0.0.1:{port}")
        _wait_for_bucket(server, process, log)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait_for_bucket(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{server.endpoint}/{BUCKET}", method="PUT"), timeout=5)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The S3 server did not start: {log.read_text()[-2000:]}")


@contextmanager
def forgetful() -> Iterator[S3Server]:
    """A server that keeps all but the last byte of each object and breaks off in the middle of giving it back."""
    kept: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))[:-1]
            self._answer(0)

        def do_HEAD(self) -> None:
            self._answer(len(kept[self.path]))

        def do_GET(self) -> None:
            body = kept[self.path]
            self._answer(len(body))
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True

        def _answer(self, length: int) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.send_header("ETag", '"0"')
            self.send_header("Last-Modified", "Fri, 20 Nov 2026 11:00:00 GMT")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield S3Server(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent() -> Iterator[S3Server]:
    """A server that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield S3Server(f"http://127.0.0.1:{listening.getsockname()[1]}")
