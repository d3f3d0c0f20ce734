"""What every form of knowing stolen passwords promises; the real one asks a server that speaks the range API."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from warehouse.infra import breaches
from warehouse.infra.breaches import Breaches, MemoryBreaches, NoBreaches, RangeBreaches, open_breaches
from warehouse.settings import load_settings

STOLEN = ("123456", "correct horse battery staple", "пароль", "p\u00e4ss")


@dataclass
class RangeServer:
    """A service that knows the stolen passwords, and remembers what it was asked."""

    url: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    waits_for: threading.Event | None = None

    def answer(self, prefix: str) -> bytes:
        if self.body is not None:
            return self.body
        digests = [hashlib.sha1(password.encode()).hexdigest().upper() for password in STOLEN]
        lines = [f"{digest[5:]}:{len(digest)}" for digest in digests if digest.startswith(prefix)]
        padding = [hashlib.sha1(b"padding %d" % number).hexdigest().upper()[5:] + ":0" for number in range(800)]
        # The service may pad with what exists, too: a count of 0 is no password of anybody.
        padding += [hashlib.sha1(b"unstolen").hexdigest().upper()[5:] + ":0"]
        return "\r\n".join([*padding, *lines]).encode()


@contextmanager
def range_server() -> Iterator[RangeServer]:
    state = RangeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            prefix = self.path.removeprefix("/range/")
            state.asked.append((prefix, self.headers.get("Add-Padding")))
            if state.waits_for is not None:
                state.waits_for.wait(20)
            body = state.answer(prefix)
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/range/"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def service() -> Iterator[RangeServer]:
    with range_server() as running:
        yield running


@pytest.fixture(params=["memory", "range"])
def form(request: pytest.FixtureRequest) -> Breaches:
    if request.param == "memory":
        return MemoryBreaches(STOLEN)
    return RangeBreaches(request.getfixturevalue("service").url)


@pytest.mark.parametrize("password", STOLEN)
def test_a_stolen_password_is_known(form: Breaches, password: str) -> None:
    assert form.knows(password)


@pytest.mark.parametrize("password", ["", "unstolen", "Correct horse battery staple", "x" * 4096, "\x00", "💥"])
def test_another_is_not(form: Breaches, password: str) -> None:
    assert not form.knows(password)


def test_five_digits_are_all_that_is_told_and_padding_is_asked_for(service: RangeServer) -> None:
    RangeBreaches(service.url).knows("123456")
    assert service.asked == [("7C4A8", "true")]


@pytest.mark.parametrize("status", [301, 400, 403, 404, 429, 500, 503])
def test_a_service_that_declines_does_not_keep_anybody_out(service: RangeServer, status: int) -> None:
    service.status = status
    assert not RangeBreaches(service.url).knows("123456")


@pytest.mark.parametrize("body", [b"", b"<html>no", b"\xff\xfe\x00", b"x" * 2_000_000, b":\r\n:1", b"A" * 35 + b":x"])
def test_nonsense_does_not_either(service: RangeServer, body: bytes) -> None:
    service.body = body
    assert not RangeBreaches(service.url).knows("123456")


def test_nobody_there_does_not_either() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert not RangeBreaches(f"http://127.0.0.1:{bound.getsockname()[1]}").knows("123456")
    assert not RangeBreaches("http://no-such-host.invalid/range").knows("123456")


def test_a_service_that_hangs_is_not_waited_for_and_few_wait_at_once(
    service: RangeServer, caplog: pytest.LogCaptureFixture
) -> None:
    service.waits_for = threading.Event()
    hurried = RangeBreaches(service.url, time_limit=timedelta(seconds=0.3))
    asking = [threading.Thread(target=hurried.knows, args=("123456",)) for _ in range(40)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(service.asked) <= breaches.AT_ONCE
    assert "has not answered others yet" in caplog.text
    service.waits_for.set()
    service.waits_for = None
    assert RangeBreaches(service.url).knows("123456")


def test_what_is_logged_does_not_tell_the_password(service: RangeServer, caplog: pytest.LogCaptureFixture) -> None:
    service.status = 500
    RangeBreaches(service.url).knows("correct horse battery staple")
    assert "answers with 500: look at passwords.breach_range_url" in caplog.text
    assert "horse" not in caplog.text
    assert hashlib.sha1(b"correct horse battery staple").hexdigest()[:5].upper() not in caplog.text


def test_the_settings_say_who_is_asked() -> None:
    assert isinstance(open_breaches(load_settings({})), NoBreaches)
    assert not NoBreaches().knows("123456")
    named = load_settings({"WAREHOUSE_PASSWORDS__BREACH_RANGE_URL": "http://10.0.0.7/range/"})
    assert isinstance(open_breaches(named), RangeBreaches)
    assert isinstance(open_breaches(load_settings({"WAREHOUSE_PROFILE": "public"})), RangeBreaches)
