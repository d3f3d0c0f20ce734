"""Requests that wait for news: answered when the bell rings, and never in anybody's way."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace

import pytest

from tests.server.conftest import everything, status_of, until
from warehouse.errors import NotFound
from warehouse.server.bridge import wsgi_application
from warehouse.server.later import Bell, Later
from warehouse.server.limits import Limits
from warehouse.server.reply import Ready, ready
from warehouse.server.worker import Running, serving
from warehouse.standards.http import Answer, Ask

HIT = ready(Answer(200, [], b"hit"))


@dataclass
class NewsSite:
    """``/news?<seen>`` waits while no more than ``seen`` is known; every page is built in a thread once."""

    known: int = 0
    seconds: float = 30.0
    bell: Bell = field(default_factory=Bell)
    pages: dict[int, Ready] = field(default_factory=dict)
    built_by: list[str] = field(default_factory=list)
    is_broken: bool = False

    def tell(self) -> None:
        self.known += 1
        self.bell.ring()

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        if ask.path == "/hit":
            return HIT
        if ask.path == "/slowly":
            return None
        if ask.method == "GET" and ask.query == str(self.known):
            return Later(self.bell, self.seconds, replace(ask, method="NONE"))
        return self.pages.get(self.known)

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        if ask.path == "/slowly":
            return Later(self.bell, self.seconds, replace(ask, path="/news", method="NONE"))
        if self.is_broken:
            raise NotFound("The news is gone.")
        self.built_by.append(threading.current_thread().name)
        return self.pages.setdefault(self.known, ready(Answer(200, [], f"news {self.known}".encode())))

    def receive(self, ask: Ask) -> None: ...

    def wsgi(self, environ, start_response):
        raise AssertionError


@dataclass
class Held:
    """A server whose visitors wait."""

    running: Running
    site: NewsSite

    def connect(self) -> socket.socket:
        return socket.create_connection(self.running.address, timeout=20)

    def ask(self, path: str = "/news?0") -> socket.socket:
        """Send a request and read nothing."""
        sock = self.connect()
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        return sock

    def wait_for(self, number: int) -> None:
        """Until so many wait."""
        end = time.monotonic() + 10
        while self.site.bell.awaited_by != number:
            assert time.monotonic() < end, self.site.bell.awaited_by
            time.sleep(0.005)


@contextmanager
def held(site: NewsSite | None = None, **limits) -> Iterator[Held]:
    chosen = site or NewsSite()
    with serving(chosen, Limits(tick=0.05, grace=2.0, **limits)) as running:
        yield Held(running, chosen)


def test_who_waits_is_answered_when_the_bell_rings_and_the_connection_stays():
    with held() as server, closing(server.ask()) as sock:
        server.wait_for(1)
        server.site.tell()
        assert until(sock, b"news 1").startswith(b"HTTP/1.1 200 ")
        sock.sendall(b"GET /hit HTTP/1.1\r\nHost: a\r\n\r\n")
        assert until(sock, b"hit").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/news?0", "/slowly"])
def test_at_the_end_of_the_wait_something_else_is_answered(path):
    with held(NewsSite(seconds=0.1)) as server, closing(server.ask(path)) as sock:
        assert until(sock, b"news 0").startswith(b"HTTP/1.1 200 ")
        server.wait_for(0)


def test_a_ring_without_news_leaves_everybody_waiting():
    with held() as server, closing(server.ask()) as sock:
        server.wait_for(1)
        server.site.bell.ring()
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        server.site.tell()
        sock.settimeout(10)
        until(sock, b"news 1")


def test_a_client_that_leaves_frees_its_place_at_once():
    with held() as server:
        sock = server.ask()
        server.wait_for(1)
        sock.close()
        server.wait_for(0)
        with closing(server.ask("/hit")) as other:
            until(other, b"hit")


@pytest.mark.parametrize("then", ["shut", "more"])
def test_a_client_that_ends_its_side_or_sends_more_is_answered_at_once(then):
    with held() as server, closing(server.ask()) as sock:
        server.wait_for(1)
        if then == "shut":
            sock.shutdown(socket.SHUT_WR)
            assert b"news 0" in everything(sock, 5)
        else:
            sock.sendall(b"GET /hit HTTP/1.1\r\nHost: a\r\n\r\n")
            assert until(sock, b"hit").count(b"HTTP/1.1 200 ") == 2


def test_a_request_behind_another_in_one_piece_is_not_kept_from_its_answer():
    with held() as server, closing(server.connect()) as sock:
        sock.sendall(b"GET /news?0 HTTP/1.1\r\nHost: a\r\n\r\nGET /hit HTTP/1.1\r\nHost: a\r\n\r\n")
        assert until(sock, b"hit").index(b"news 0")


def test_a_worker_that_stops_answers_those_who_wait():
    with ExitStack() as clients:
        with held() as server:
            waiting = [clients.enter_context(closing(server.ask())) for _ in range(20)]
            server.wait_for(20)
        for sock in waiting:
            assert b"news 0" in everything(sock, 5)


def test_more_than_may_wait_are_told_to_come_again():
    with held(waiting=2) as server, ExitStack() as clients:
        for _ in range(2):
            clients.enter_context(closing(server.ask()))
        server.wait_for(2)
        with closing(server.ask()) as sock:
            answer = until(sock, b"without waiting.")
        assert status_of(answer) == 503
        assert b"\r\nRetry-After: 10\r\n" in answer


def test_what_goes_wrong_is_answered_to_everybody_who_waits():
    with held() as server, ExitStack() as clients:
        waiting = [clients.enter_context(closing(server.ask())) for _ in range(3)]
        server.wait_for(3)
        server.site.is_broken = True
        server.site.tell()
        assert [status_of(until(sock, b"gone.")) for sock in waiting] == [404, 404, 404]
        server.site.is_broken = False
        with closing(server.ask("/news?1")) as sock:
            server.wait_for(1)
            server.site.tell()
            until(sock, b"news 2")


def test_a_thousand_wait_without_threads_and_the_page_is_built_once():
    with held() as server, ExitStack() as clients:
        waiting = [clients.enter_context(closing(server.ask())) for _ in range(1000)]
        server.wait_for(1000)
        assert server.site.built_by == []
        for _ in range(100):
            with closing(server.ask("/hit")) as sock:
                until(sock, b"hit")
        server.site.tell()
        for sock in waiting:
            assert b"news 1" in until(sock, b"news")
        assert len(server.site.built_by) == 1
        server.wait_for(0)


def test_behind_another_server_nobody_waits():
    said: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/news", "QUERY_STRING": "0", "wsgi.url_scheme": "http"}
    body = wsgi_application(NewsSite())(environ, lambda status, headers: said.append(status))
    assert b"".join(body) == b"news 0"
    assert said == ["200 OK"]
