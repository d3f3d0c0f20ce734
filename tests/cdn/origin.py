"""An origin that answers what a test tells it to, and remembers who asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEPT = {"Surrogate-Control": "max-age=86400, stale-while-revalidate=300, stale-if-error=86400"}


@dataclass
class Answer:
    """What is answered at one address: ``seconds`` later, and when as many ask as ``together`` waits for."""

    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    body: bytes = b"page"
    seconds: float = 0.0
    together: threading.Barrier | None = None


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Origin:
    """What it answers by path, 404 elsewhere, and what it was asked. ``close`` ends it as a crash would."""

    def __init__(self, port: int = 0) -> None:
        self.answers: dict[str, Answer] = {"/_health/": Answer()}
        self.asked: list[Asked] = []
        self._connections: set[socket.socket] = set()
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("content-length", "0")))
                path = self.path.partition("?")[0]
                headers = {name.lower(): value for name, value in self.headers.items()}
                if path != "/_health/":
                    origin.asked.append(Asked(self.command, self.path, headers, sent))
                found = origin.answers.get(path) or Answer({}, 404, b"404 Not Found")
                time.sleep(found.seconds)
                if found.together is not None:
                    found.together.wait(20)
                unchanged = (
                    found.status == 200
                    and "ETag" in found.headers
                    and headers.get("if-none-match") == found.headers["ETag"]
                )
                body = b"" if unchanged else found.body
                self.send_response(304 if unchanged else found.status)
                for name, value in {**found.headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def setup(self) -> None:
                super().setup()
                origin._connections.add(self.connection)

            def finish(self) -> None:
                super().finish()
                origin._connections.discard(self.connection)

            do_GET = do_HEAD = do_POST = answer

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def times(self, path: str) -> int:
        """How often this address was asked for, whatever its query."""
        return sum(asked.path.partition("?")[0] == path for asked in list(self.asked))

    def close(self) -> None:
        """Listen no more, and hang up."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._connections):
            with suppress(OSError):  # the other side was quicker
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def origin() -> Iterator[Origin]:
    """An origin while the block runs."""
    made = Origin()
    try:
        yield made
    finally:
        made.close()
