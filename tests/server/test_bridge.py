"""WSGI applications behind our server, and our site behind somebody else's."""

from __future__ import annotations

import io
import os
import re
import time
from contextlib import closing
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from warehouse.server.bridge import wsgi_application

from .conftest import Counting, PathSite, Served, everything, status_of, until


def test_the_environ_is_what_pep_3333_says(served: Served) -> None:
    answer = served.get(
        "/wsgi/environ?a=%20b", "Content-Type: text/x", "Accept: a", "Accept: b", "Cookie: a", "Cookie: b"
    )
    environ = dict(line.split("=", 1) for line in answer.partition(b"\r\n\r\n")[2].decode().split("\n") if "=" in line)
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["QUERY_STRING"] == "a=%20b"
    assert environ["CONTENT_TYPE"] == "text/x"
    assert environ["SERVER_NAME"] == "127.0.0.1"
    assert environ["SERVER_PORT"] == str(served.running.port)
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["HTTP_HOST"] == "a"
    assert environ["HTTP_ACCEPT"] == "a, b"
    assert environ["HTTP_COOKIE"] == "a; b"
    assert environ["wsgi.url_scheme"] == "http"
    assert "HTTP_CONTENT_TYPE" not in environ
    assert "wsgi.file_wrapper" not in environ


def test_our_server_satisfies_the_validator_of_the_standard_library(served: Served) -> None:
    def application(environ, start_response):
        body = environ["wsgi.input"].read(3)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body, environ["PATH_INFO"].encode("latin-1")]

    served.site.wsgi = validator(application)  # type: ignore[method-assign]
    answer = served.say(b"POST /caf%C3%A9 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
    assert answer.endswith("\r\n\r\n3\r\nabc\r\n6\r\n/café\r\n0\r\n\r\n".encode())


def test_the_reason_of_the_application_is_kept(served: Served) -> None:
    assert served.get("/wsgi/echo").startswith(b"HTTP/1.1 200 Fine So Far\r\n")
    assert served.get("/wsgi/x").startswith(b"HTTP/1.1 404 Not Here\r\n")


def test_a_chunked_body_reaches_the_application_whole(served: Served) -> None:
    request = (
        b"POST /wsgi/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert served.say(request).endswith(b"\r\n\r\nabcde")


def test_a_stream_is_chunked_closed_and_keeps_the_connection(served: Served) -> None:
    with closing(served.connect()) as sock:
        for _ in range(2):
            sock.sendall(b"GET /wsgi/stream HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = until(sock, b"0\r\n\r\n")
            head, _, body = answer.partition(b"\r\n\r\n")
            assert b"\r\nTransfer-Encoding: chunked" in head
            assert b"Connection" not in head
            assert body == b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"
    assert served.site.closed.wait(5)


def test_an_old_client_gets_a_stream_until_the_end(served: Served) -> None:
    answer = served.say(b"GET /wsgi/stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert answer.endswith(b"\r\n\r\none two three")
    assert b"\r\nConnection: close\r\n" in answer
    assert b"chunked" not in answer


def test_a_stream_is_not_made_faster_than_it_is_read_and_is_closed_when_the_client_leaves(served: Served) -> None:
    with closing(served.connect()) as sock:
        sock.sendall(b"GET /wsgi/endless HTTP/1.1\r\nHost: a\r\n\r\n")
        until(sock, b"x")
        time.sleep(0.3)
        assert not served.site.closed.is_set()
        assert status_of(served.get("/wsgi/x")) == 404
    assert served.site.closed.wait(5)


def test_an_application_that_gives_less_than_it_said_ends_the_connection(served: Served) -> None:
    with closing(served.connect()) as sock:
        sock.sendall(b"GET /wsgi/short HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = everything(sock, 3)
    assert answer.endswith(b"12345") or answer == b""
    assert served.site.closed.wait(5)


@pytest.mark.parametrize("way", ["written", "late start", "generator", "replaced"])
def test_the_older_ways_of_wsgi_work(served: Served, way: str) -> None:
    def application(environ, start_response):
        if way == "written":
            start_response("200 OK", [])(b"ab")
            return [b"c"]
        if way == "late start":
            return late(start_response)
        if way == "generator":
            start_response("200 OK", [("Content-Length", "3")])
            return iter([b"ab", b"cdefg"])
        start_response("500 Oops", [])
        try:
            raise ValueError
        except ValueError:
            import sys

            start_response("200 OK", [], sys.exc_info())
        return [b"abc"]

    def late(start_response):
        yield b""
        start_response("200 OK", [])
        yield b"abc"

    served.site.wsgi = application  # type: ignore[method-assign]
    answer = served.get("/wsgi/any")
    assert status_of(answer) == 200
    assert re.search(rb"\r\n\r\n(3\r\nabc\r\n0\r\n\r\n|abc)$", answer)


def test_more_than_the_threads_and_the_queue_are_told_to_return(serve) -> None:
    from warehouse.server.limits import Limits

    with serve(Limits(bridge_threads=1, bridge_queue=0)) as served, closing(served.connect()) as slow:
        slow.sendall(b"GET /wsgi/slow HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.1)
        answer = served.get("/wsgi/x")
        assert status_of(answer) == 503
        assert b"\r\nRetry-After: 5\r\n" in answer
        served.site.release.set()
        assert until(slow, b"not here")


# The other direction


class Elsewhere:
    """Calls a WSGI application as a strict server would."""

    def __init__(self, site: PathSite) -> None:
        self.site = site
        self._application = validator(wsgi_application(site))

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, length: int | None = None, **fields: str
    ):
        environ: dict = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "REMOTE_ADDR": "9.9.9.9",
            **fields,
        }
        setup_testing_defaults(environ)
        environ["wsgi.input"] = io.BytesIO(body or b"")
        if body is not None:
            environ["CONTENT_LENGTH"] = str(len(body) if length is None else length)
        started = []

        def start_response(status, headers, exc_info=None):
            started.append((status, dict(headers)))
            return lambda data: None

        iterable: Any = self._application(environ, start_response)
        try:
            content = b"".join(iterable)
        finally:
            iterable.close()
        ((status, headers),) = started
        return status, headers, content


@pytest.fixture
def elsewhere(tmp_path):
    return Elsewhere(PathSite(tmp_path, hit=_typed()))


def _typed():
    from warehouse.server.reply import ready

    from .conftest import HIT

    return ready(HIT)


def test_hits_answers_and_pages_are_the_same_elsewhere(elsewhere: Elsewhere) -> None:
    status, headers, content = elsewhere.ask("/hit")
    assert (status, content) == ("200 OK", b"<html>hit</html>")
    assert headers == {"Content-Type": "text/html", "ETag": '"1"', "Content-Length": "16"}
    assert elsewhere.ask("/hit", method="HEAD") == (status, headers, b"")
    assert elsewhere.ask("/glanced") == elsewhere.ask("/built") == (status, headers, content)
    assert elsewhere.ask("/wsgi/x")[0] == "404 Not Here"
    assert elsewhere.ask("/busy")[1]["Retry-After"] == "7"
    assert elsewhere.ask("/bug")[0] == "500 Internal Server Error"


@pytest.mark.parametrize("path", ["/hit\n", "/hit\0", "/\x7f"])
def test_addresses_with_control_characters_are_refused_elsewhere_too(elsewhere: Elsewhere, path: str) -> None:
    assert elsewhere.ask(path)[0] == "400 Bad Request"


@pytest.mark.parametrize("value", ["a\0b", "a\r\nb"])
def test_header_fields_that_are_more_than_one_line_are_refused_elsewhere_too(elsewhere: Elsewhere, value: str) -> None:
    assert elsewhere.ask("/hit", HTTP_USER_AGENT=value)[0] == "400 Bad Request"


def test_files_elsewhere(elsewhere: Elsewhere) -> None:
    content = os.urandom(600_000)
    (elsewhere.site.tmp / "a").write_bytes(content)
    answer = wsgi_application(elsewhere.site)
    environ: dict = {"PATH_INFO": "/file/a", "QUERY_STRING": "5-599999"}
    setup_testing_defaults(environ)
    environ["QUERY_STRING"] = "5-599999"
    iterable: Any = answer(environ, lambda *_: lambda data: None)
    assert b"".join(iterable) == content[5:599_999]
    iterable.close()
    missing: dict = {"PATH_INFO": "/file/b"}
    setup_testing_defaults(missing)
    statuses = []

    def start_response(status, headers):
        statuses.append(status)
        return lambda data: None

    assert b"".join(answer(missing, start_response)) == b"This file is not here.\n"
    assert statuses == ["404 Not Found"]


def test_uploads_elsewhere_are_read_in_blocks_and_checked_for_length(elsewhere: Elsewhere) -> None:
    assert elsewhere.ask("/upload", method="POST", body=bytes(700_000))[2] == b"700000"
    assert elsewhere.site.receivers[-1].sizes == [262_144, 262_144, 175_712]
    assert elsewhere.ask("/upload", method="POST", body=b"abc", length=10)[0] == "400 Bad Request"
    assert elsewhere.site.receivers[-1].calls == ["begin", "feed", "abort"]
    elsewhere.site.make = lambda: Counting(limit=2)
    assert elsewhere.ask("/upload", method="POST", body=b"abc")[0].startswith("413 ")
    assert elsewhere.site.receivers[-1].calls == ["abort"]
    elsewhere.site.make = lambda: Counting(refuse_in="feed")
    assert elsewhere.ask("/upload", method="POST", body=b"abc")[0] == "403 Forbidden"
    assert elsewhere.site.receivers[-1].calls == ["begin", "feed", "abort"]
