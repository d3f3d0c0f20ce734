"""A small server that speaks the part of Fastly's API that purges, and can be made to fail in many ways."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SERVICE = "5k2a9"
TOKEN = "may-purge"


@dataclass
class Purge:
    """One request that was taken."""

    keys: list[str]
    soft: bool
    path: str


@dataclass
class Fastly:
    """What the server was told, and how it is to answer."""

    url: str = ""
    purges: list[Purge] = field(default_factory=list)
    everything: int = 0
    asked: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 0.0
    """How long it thinks before it answers; a purge is taken before that."""

    @property
    def keys(self) -> list[str]:
        """Every key, as often as it was purged."""
        return [key for purge in list(self.purges) for key in purge.keys]


@contextmanager
def fastly() -> Iterator[Fastly]:
    """Run the server while the block runs."""
    state = Fastly()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length", "0")))
            state.asked += 1
            status, answer = take(state, self.path, dict(self.headers), sent)
            time.sleep(state.seconds)
            body = state.body if state.body is not None else json.dumps(answer).encode()
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **state.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # the client had enough

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def take(state: Fastly, path: str, headers: dict[str, str], sent: bytes) -> tuple[int, dict[str, str]]:
    """What Fastly's manual says about the three addresses below a service."""
    if state.status != 200:
        return state.status, {"msg": "No."}
    if headers.get("Fastly-Key") != TOKEN:
        return 401, {"msg": "Provided credentials are missing or invalid"}
    begin = f"/service/{SERVICE}/"
    if not path.startswith(begin):
        return 404, {"msg": "Record not found"}
    soft, rest = headers.get("Fastly-Soft-Purge") == "1", path.removeprefix(begin)
    if rest == "purge_all" and not soft:
        state.everything += 1
        return 200, {"status": "ok"}
    if rest.startswith("purge/"):
        state.purges.append(Purge([rest.removeprefix("purge/")], soft, path))
        return 200, {"status": "ok", "id": "108-1391560174-974124"}
    keys = json.loads(sent)["surrogate_keys"] if rest == "purge" else []
    if not 0 < len(keys) <= 256:
        return 400, {"msg": "Bad request"}
    state.purges.append(Purge(keys, soft, path))
    return 200, {key: f"108-1391560174-{number}" for number, key in enumerate(keys)}
