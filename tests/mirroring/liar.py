"""An origin that lies: it passes on what a real index says, changed where a test wants it to be."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Lie = Callable[[int, bytes], tuple[int, bytes]]


@dataclass
class Liar:
    """``lies`` are by path, without the query."""

    url: str = ""
    lies: dict[str, Lie] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def lying(origin: str) -> Iterator[Liar]:
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece, or each answer would wait for an acknowledgement

        def do_GET(self) -> None:
            liar.asked.append(self.path)
            status, content_type, body = _asked(origin + self.path, self.headers.get("Accept", "*/*"))
            lie = liar.lies.get(self.path.partition("?")[0])
            if lie is not None:
                status, body = lie(status, body)
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    liar.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()


def _asked(url: str, accept: str) -> tuple[int, str, bytes]:
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"] or "", error.read()
