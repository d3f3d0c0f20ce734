"""A site that answers what its paths say, and raw sockets to talk to a server with."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from warehouse.errors import NotAllowed, TooMany
from warehouse.server.limits import Limits
from warehouse.server.reply import Ready, ready
from warehouse.server.worker import Running, serving
from warehouse.standards.http.message import Answer, Ask, FileSlice

HIT = Answer(200, [("Content-Type", "text/html"), ("ETag", '"1"')], b"<html>hit</html>")


class Counting:
    """A receiver that counts, and notices calls that it must never see."""

    def __init__(self, *, limit: int = 1 << 31, refuse_in: str = "", slow: float = 0.0) -> None:
        self.limit = limit
        self.calls: list[str] = []
        self.sizes: list[int] = []
        self.threads: set[str] = set()
        self.ended = threading.Event()
        self._refuse_in = refuse_in
        self._slow = slow
        self._turn = threading.Lock()

    def _called(self, name: str) -> None:
        assert self._turn.acquire(blocking=False), "two calls at a time"
        try:
            self.calls.append(name)
            self.threads.add(threading.current_thread().name)
            time.sleep(self._slow)
            if name == self._refuse_in:
                raise NotAllowed("You may not upload here.")
        finally:
            self._turn.release()

    def begin(self) -> None:
        self._called("begin")

    def feed(self, block: bytes) -> None:
        self.sizes.append(len(block))
        self._called("feed")

    def finish(self) -> Answer:
        self._called("finish")
        self.ended.set()
        return Answer(200, [("Content-Type", "text/plain")], str(sum(self.sizes)).encode())

    def abort(self) -> None:
        self._called("abort")
        self.ended.set()


@dataclass
class PathSite:
    """Answers by path; ``tmp`` holds files that ``/file/<name>`` serves."""

    tmp: Path
    receivers: list[Counting] = field(default_factory=list)
    make: Callable[[], Counting] = Counting
    asked: list[Ask] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    hit: Ready = field(default_factory=lambda: ready(HIT))

    def glance(self, ask: Ask) -> Answer | Ready | None:
        if ask.path == "/hit":
            return self.hit
        if ask.path == "/glanced":
            return HIT
        if ask.path == "/glance-refuses":
            raise NotAllowed("Not this one.")
        if ask.path == "/glance-breaks":
            raise ZeroDivisionError
        return None

    def receive(self, ask: Ask) -> Counting | None:
        if ask.path == "/upload" and ask.method == "POST":
            self.receivers.append(self.make())
            return self.receivers[-1]
        return None

    def answer(self, ask: Ask) -> Answer | Ready | None:
        self.asked.append(ask)
        path = ask.path
        if path == "/built":
            return self.hit
        if path == "/sentence":
            return Answer(400, [], b"", reason="File already exists ('a.whl').\r\nX-Evil: é€")
        if path == "/splitting":
            return Answer(302, [("Location", "/x\r\nSet-Cookie: a=b\0")])
        if path == "/nothing":
            return Answer(304, [("ETag", '"1"')], b"must not be sent")
        if path == "/slow":
            self.release.wait(10)
            return Answer(200, [], b"slow")
        if path == "/busy":
            raise TooMany("Not so fast.", retry_after=7)
        if path == "/bug":
            raise ZeroDivisionError("a secret detail")
        if path == "/bad-header":
            return Answer(200, [("X Y", "z")])
        if path == "/who":
            return Answer(200, [], f"{ask.client} {ask.scheme} {ask.headers.get('host')}".encode())
        if path.startswith("/file/"):
            name = path.removeprefix("/file/")
            asked = re.fullmatch(r"([0-9]+)-([0-9]+)", ask.query)
            size = (self.tmp / name).stat().st_size if (self.tmp / name).exists() else 0
            start, end = (int(asked[1]), int(asked[2])) if asked else (0, size)
            return Answer(200, [], FileSlice(str(self.tmp / name), start, end))
        if path == "/parts":
            one = FileSlice(str(self.tmp / "one"), 1, 3)
            return Answer(206, [], (b"<", one, b"|", one, b">"))
        if path == "/large":
            return Answer(200, [], b"x" * 30_000_000)
        return None

    def wsgi(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/wsgi/echo":
            body = environ["wsgi.input"].read()
            start_response("200 Fine So Far", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
            return [body]
        if path == "/wsgi/environ":
            start_response("200 OK", [])
            return ["\n".join(f"{k}={v}" for k, v in sorted(environ.items())).encode("utf-8")]
        if path == "/wsgi/stream":
            start_response("200 OK", [("Content-Type", "text/plain"), ("Connection", "close")])
            return Closing(self.closed, [b"one ", b"", b"two ", b"three"])
        if path == "/wsgi/endless":
            start_response("200 OK", [])
            return Closing(self.closed, iter(lambda: b"x" * 100_000, None))
        if path == "/wsgi/short":
            start_response("200 OK", [("Content-Length", "10")])
            return Closing(self.closed, [b"12345"])
        if path == "/wsgi/bug":
            raise ZeroDivisionError
        if path == "/wsgi/slow":
            self.release.wait(10)
        start_response("404 Not Here", [("Content-Type", "text/plain")])
        return [b"not here"]


class Closing:
    """An iterable that says when it was closed."""

    def __init__(self, closed: threading.Event, blocks) -> None:
        self._closed = closed
        self._blocks = iter(blocks)

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        self._closed.set()


@dataclass
class Served:
    """A running server and the site behind it."""

    running: Running
    site: PathSite

    def connect(self) -> socket.socket:
        sock = socket.create_connection(self.running.address, timeout=20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def say(self, request: bytes, *, eof: bool = False) -> bytes:
        """Send bytes and read until the server closes, or has said nothing for a moment."""
        with closing(self.connect()) as sock:
            sock.sendall(request)
            if eof:
                sock.shutdown(socket.SHUT_WR)
            return everything(sock, 0.5)

    def get(self, path: str, *extra: str, method: str = "GET") -> bytes:
        """One request on a connection of its own; the raw answer."""
        fields = "".join(f"{field}\r\n" for field in extra)
        with closing(self.connect()) as sock:
            sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n".encode())
            return everything(sock, 10)


def everything(sock: socket.socket, patience: float) -> bytes:
    """Read until the end, a reset, or silence."""
    sock.settimeout(patience)
    blocks = []
    try:
        while block := sock.recv(1 << 20):
            blocks.append(block)
    except (TimeoutError, ConnectionResetError):
        pass
    return b"".join(blocks)


def until(sock: socket.socket, mark: bytes) -> bytes:
    """Read until the mark has come."""
    data = b""
    while mark not in data:
        block = sock.recv(1 << 16)
        assert block, f"the connection ended before {mark!r}: {data[-200:]!r}"
        data += block
    return data


def status_of(answer: bytes) -> int:
    """The status of the first answer; 0 when there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.fixture
def serve(tmp_path):
    """Start servers with limits of the test's choice."""

    @contextmanager
    def start(limits: Limits | None = None, **options) -> Iterator[Served]:
        site = PathSite(tmp_path)
        with serving(site, limits, **options) as running:
            try:
                yield Served(running, site)
            finally:
                site.release.set()

    return start


@pytest.fixture
def served(serve):
    """A server with the default limits, except that its clock ticks faster."""
    with serve(Limits(tick=0.05, grace=1.0)) as server:
        yield server
