"""Asking a web service whose address somebody else named."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.contracts.test_fetching import answer, saying, server
from warehouse.infra.asking import NotAnswered, ask
from warehouse.infra.fetching import is_public

SOON = timedelta(seconds=5)


def test_a_service_of_our_own_is_asked_wherever_it_is():
    with server(saying(answer(b"yes"))) as url:
        assert ask("The service", "GET", url, time_limit=SOON).body == b"yes"


def test_others_cannot_have_us_ask_inside_our_own_network():
    asked = threading.Event()
    with (
        server(lambda client, head: asked.set()) as url,
        pytest.raises(NotAnswered, match="inside a network"),
    ):
        ask("The service", "GET", url, time_limit=SOON, inside=False)
    assert not asked.is_set()


def test_nothing_inside_is_even_connected_to():
    # Whether there is a connection, or how long it takes, would tell of a network; and TLS begins with our words.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        for scheme in ("http", "https"):
            with pytest.raises(NotAnswered, match="inside a network"):
                url = f"{scheme}://localhost:{listener.getsockname()[1]}/"
                ask("The service", "GET", url, time_limit=SOON, inside=False)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:10.0.0.1", False),
        ("::10.0.0.1", False),
        ("fe80::1%1", False),
        ("fec0::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_addresses_that_lead_inside_are_not_public(address, expected):
    assert is_public(address) is expected


@pytest.mark.parametrize(
    "url", ["http://example.org:port/", "http://example.org:99999/", f"http://{'x' * 70}.org/", "http://a b/"]
)
def test_what_is_no_address_is_said_to_be_none(url):
    with pytest.raises(NotAnswered, match="the service"):
        ask("the service", "GET", url, time_limit=SOON)


def test_an_answer_that_drips_to_an_end_of_its_own_is_given_up():
    dripping = saying(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 200, pause=0.05)
    with server(dripping) as url, pytest.raises(NotAnswered, match="the time was up"):
        ask("The service", "GET", url, time_limit=timedelta(seconds=0.5))


def test_a_handshake_that_drips_is_given_up():
    def drip(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.recv(4096)
            client.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB
            for _ in range(200):
                client.sendall(b"\0")
                time.sleep(0.05)

    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        accepting = threading.Thread(target=lambda: drip(listener.accept()[0]), daemon=True)
        accepting.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(NotAnswered, match="the time was up"):
            ask("The service", "GET", url, time_limit=timedelta(seconds=0.5))
    accepting.join(5)
    assert not accepting.is_alive()
