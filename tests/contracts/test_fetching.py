"""Reading from another index: within its limits, whatever the other side does."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from warehouse.infra import fetching
from warehouse.infra.fetching import Fetcher, NotFetched

Talk = Callable[[socket.socket, bytes], None]


@contextmanager
def server(talk: Talk, host: str = "127.0.0.1") -> Iterator[str]:
    """A server that reads one request head after the other and says whatever ``talk`` says."""
    listener = socket.create_server((host, 0))

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            buffer = b""
            while block := client.recv(65536):
                buffer += block
                while b"\r\n\r\n" in buffer:
                    head, _, buffer = buffer.partition(b"\r\n\r\n")
                    talk(client, head)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        listener.close()


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def saying(*pieces: bytes, pause: float = 0.0, closes: bool = False) -> Talk:
    def talk(client: socket.socket, head: bytes) -> None:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(pause)
        if closes:
            client.shutdown(socket.SHUT_RDWR)

    return talk


def read(url: str, *, limit: int = 1000, seconds: float = 20, **options) -> bytes | None:
    document = Fetcher(url, **options).document("/x", limit=limit, seconds=seconds)
    return document.body if document is not None else None


def download(url: str, *, size: int, **options) -> bytes:
    blocks: list[bytes] = []
    Fetcher(url, **options).download("/f.whl", blocks.append, size=size)
    return b"".join(blocks)


def test_a_document_is_read_also_when_it_comes_compressed():
    packed = answer(gzip.compress(b"hello" * 50), Content_Encoding="gzip")
    with server(saying(packed)) as url:
        assert read(url) == b"hello" * 50


def test_there_may_be_no_such_document():
    with server(saying(answer(b"no", "404 Not Found"))) as url:
        assert read(url) is None


def test_connections_are_used_again_and_may_have_been_closed_meanwhile():
    heads: list[bytes] = []

    def talk(client: socket.socket, head: bytes) -> None:
        heads.append(head)
        client.sendall(answer(b"one"))
        if len(heads) == 2:
            client.shutdown(socket.SHUT_RDWR)

    with server(talk) as url:
        fetcher = Fetcher(url)
        for _ in range(4):
            assert fetcher.document("x", limit=10) is not None


def test_the_token_goes_to_the_origin_and_to_nobody_else():
    heads: list[bytes] = []

    def other(client: socket.socket, head: bytes) -> None:
        heads.append(head)
        client.sendall(answer(b"file"))

    with server(other) as elsewhere:

        def origin(client: socket.socket, head: bytes) -> None:
            heads.append(head)
            client.sendall(answer(b"", "302 Found", Location=f"{elsewhere}/f"))

        with server(origin) as url:
            assert download(url, size=4, token="secret", anywhere=True) == b"file"
    assert [b"authorization: basic" in head.lower() for head in heads] == [True, False]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_origin_cannot_lead_into_our_own_network(host):
    asked = threading.Event()
    with server(lambda client, head: asked.set()) as inside:
        inside = inside.replace("127.0.0.1", host)
        with (
            server(saying(answer(b"", "302 Found", Location=f"{inside}/secret"))) as url,
            pytest.raises(NotFetched, match="has an address inside a network"),
        ):
            download(url, size=4)
    assert not asked.is_set()


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/x", "http://[", "//", "gopher:x"])
def test_an_origin_cannot_lead_to_what_is_not_on_the_web(location):
    with server(saying(answer(b"", "302 Found", Location=location))) as url, pytest.raises(NotFetched):
        download(url, size=4)


TROUBLE = {
    "longer than allowed": (saying(answer(b"x" * 2000)), "holds more than 1000 bytes"),
    "a bomb": (saying(answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")), "holds more than 1000 bytes"),
    "no gzip": (saying(answer(b"nonsense", Content_Encoding="gzip")), "cannot be read to its end"),
    "cut off": (saying(answer(b"x" * 100)[:-50], closes=True), "cannot be read to its end"),
    "no HTTP": (saying(b"SSH-2.0-hello\r\n\r\n", closes=True), "does not answer"),
    "nothing": (saying(closes=True), "does not answer"),
    "a broken server": (saying(answer(b"", "500 Oh No")), "was answered with 500"),
    "a locked door": (saying(answer(b"", "401 Unauthorized")), "give one with --token"),
    "a circle": (saying(answer(b"", "302 Found", Location="/x")), "leads on and on"),
    "silence": (saying(), "does not answer"),
    "a head that drips": (saying(b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 200, pause=0.05), "takes too long"),
    "a body that drips": (saying(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 200, pause=0.05), "takes too long"),
    "a chunk that drips": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"0"] * 200, pause=0.05),
        "takes too long",
    ),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_whatever_the_other_side_does_a_call_ends_with_a_sentence(kind, monkeypatch):
    monkeypatch.setattr(fetching, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(fetching, "SILENCE_SECONDS", 0.4)
    talk, sentence = TROUBLE[kind]
    with server(talk) as url, pytest.raises(NotFetched, match=sentence) as caught:
        read(url, seconds=1)
    assert "\n" not in str(caught.value)


def test_nobody_there_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotFetched, match=r"127\.0\.0\.1 does not answer"):
        read(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(("sent", "sentence"), [(b"longer", "more than the 4 bytes"), (b"le", "ended after 2 of 4")])
def test_a_file_has_the_size_that_was_announced(sent, sentence):
    with server(saying(answer(sent))) as url, pytest.raises(NotFetched, match=sentence):
        download(url, size=4)


def test_a_file_is_not_unpacked():
    with server(saying(answer(gzip.compress(b"file"), Content_Encoding="gzip"))) as url, pytest.raises(NotFetched):
        download(url, size=4)


def test_how_long_the_other_side_wants_to_be_left_alone_is_told():
    busy = answer(b"", "503 Busy", Retry_After="7")
    with server(saying(busy)) as url, pytest.raises(NotFetched) as caught:
        read(url)
    assert (caught.value.status, caught.value.retry_after) == (503, 7)


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "", "http://", "http://[::"])
def test_an_origin_is_an_address_on_the_web(address):
    with pytest.raises(ValueError, match="begins with http"):
        Fetcher(address)
