"""A worker that stops ends connections in a way that loses nobody's request."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from tests.server.conftest import everything, status_of, until
from warehouse.server import connection
from warehouse.server.limits import Limits
from warehouse.server.reply import ready
from warehouse.server.worker import serving
from warehouse.standards.http import Answer, Ask

REQUEST = b"GET /hit HTTP/1.1\r\nHost: a\r\n\r\n"


class HitSite:
    """One page, in memory."""

    def glance(self, ask: Ask):
        return ready(Answer(200, [], b"hit"))

    def answer(self, ask: Ask):
        raise AssertionError

    def receive(self, ask: Ask): ...

    def wsgi(self, environ, start_response):
        raise AssertionError


def test_a_connection_that_is_new_is_answered_while_one_that_was_used_is_ended(monkeypatch):
    monkeypatch.setattr(connection, "_FIRST_REQUEST", 20.0)
    answers: list[bytes] = []
    with serving(HitSite(), Limits(tick=0.05, grace=20.0)) as running:
        used, new = (socket.create_connection(running.address, timeout=20) for _ in range(2))
        used.sendall(REQUEST)
        until(used, b"hit")

        def ask_late() -> None:
            with closing(used), closing(new):
                assert used.recv(1) == b""  # so the worker is stopping
                new.sendall(REQUEST)
                answers.append(everything(new, 20))

        asking = threading.Thread(target=ask_late)
        asking.start()
    asking.join(20)
    assert [status_of(answer) for answer in answers] == [200]
    assert b"\r\nConnection: close\r\n" in answers[0]


@pytest.mark.parametrize("begun", [b"", b"GET /hit HT"])
def test_a_connection_on_which_nothing_comes_holds_no_worker(monkeypatch, begun):
    monkeypatch.setattr(connection, "_FIRST_REQUEST", 0.05)
    with serving(HitSite(), Limits(tick=0.05, grace=1.0)) as running:
        silent = socket.create_connection(running.address, timeout=20)
        silent.sendall(begun)
    with closing(silent):
        assert everything(silent, 20) == b""
