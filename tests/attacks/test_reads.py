"""Readers who ask for what makes no sense get the right status and a sentence, from every door, at no great cost."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from tests.builders import wheel
from tests.index import JSON, Index
from warehouse.application import serving as application
from warehouse.server.limits import Limits
from warehouse.server.worker import serving


class Said(NamedTuple):
    status: int
    head: dict[str, str]
    body: bytes


class Door:
    """A served index, asked with raw bytes."""

    def __init__(self, address: tuple[str, int], file: str) -> None:
        self._address = address
        self.file = file

    def ask(self, path: str, *fields: str, method: str = "GET") -> Said:
        path = path.replace("FILE", self.file)
        lines = [f"{method} {path} HTTP/1.1", "Host: a", "Connection: close", *fields, "", ""]
        with closing(socket.create_connection(self._address, 20)) as sock:
            sock.sendall("\r\n".join(lines).encode("latin-1"))
            data = b""
            while block := sock.recv(1 << 16):
                data += block
        head, _, body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        named = (line.partition(": ") for line in rest)
        return Said(int(first.split()[1]), {name.lower(): value for name, _, value in named}, body)


@pytest.fixture
def door(index: Index) -> Iterator[Door]:
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    site = application.Site(index.tools, index.cache, index.follower)
    file = index.simple("demo")["files"][0]["url"]
    with serving(site, Limits(tick=0.05)) as running:
        yield Door(running.address, file)


THERE = ["/simple/", "/simple/demo/", "/pypi/demo/json", "/pypi/demo/1.0/json", "FILE", "FILE.metadata"]
NOT_THERE = ["/simple/nothing/", "/pypi/nothing/json", "/packages/00/00/nothing"]


def test_queries_that_mean_nothing_change_nothing(door):
    queries = ["?", "?&&==&", "?%00", "?%ff=%&%", "?a=" + "b" * 7000, "?;;", "?" + "a&" * 3000, "?reformat=x"]
    for path, status in [*((path, 200) for path in THERE), *((path, 404) for path in NOT_THERE)]:
        plain = door.ask(path)
        assert plain.status == status
        for query in queries:
            said = door.ask(path + query)
            assert (said.status, said.body) == (status, plain.body), (path, query[:20])


@pytest.mark.parametrize(
    "query",
    [
        "format=",
        "format",
        "format=json",
        "format=%00",
        "format=%ff",
        "format=" + "x" * 7000,
        "format=a&format=b",
        "format=text/html&format=text/html",
        "format=text/html%0d%0aX-Evil:1",
        "format=*/*",
    ],
)
def test_a_format_that_there_is_not_is_refused_in_one_sentence(door, query):
    for path in ("/simple/", "/simple/demo/", "/simple/nothing/"):
        said = door.ask(f"{path}?{query}", f"Accept: {JSON}")
        assert said.status == 400
        assert said.body.startswith(b"Ask for one format, which is one of: ")
        assert len(said.body) < 400
        assert "x-evil" not in said.head


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/simple/?format=x", 400),
        *((path, 404) for path in NOT_THERE),
        ("/packages/source/n/nothing/nothing-1.0.tar.gz", 404),
        ("/p/-/", 404),
        ("/pypi?:action=doap&name=demo", 410),
    ],
)
def test_scripts_of_other_sites_may_read_why_there_is_nothing(door, path, status):
    said = door.ask(path, "Origin: https://example.org")
    assert (said.status, said.head["access-control-allow-origin"]) == (status, "*")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_reading_is_all_that_can_be_done(door, method):
    for path in [*THERE, *NOT_THERE, "/simple"]:
        said = door.ask(path, "Content-Length: 0", method=method)
        assert (said.status, said.head["allow"]) == (405, "GET, HEAD, OPTIONS"), path
        assert said.body == b"Use GET or HEAD here."


def test_browsers_are_told_what_they_may_do(door):
    for path in [*THERE, *NOT_THERE, "/simple"]:
        said = door.ask(path, "Origin: https://example.org", "Access-Control-Request-Method: GET", method="OPTIONS")
        assert (said.status, said.head["allow"], said.body) == (204, "GET, HEAD, OPTIONS", b""), path
        assert said.head["access-control-allow-origin"] == "*"
        assert said.head["access-control-allow-methods"] == "GET"


def test_methods_that_nobody_knows(door):
    for method, status in [("BREW", 501), ("get", 501), ("TRACE", 405), ("CONNECT", 405)]:
        assert door.ask("/simple/demo/", method=method).status == status, method


def test_head_says_what_get_says_and_sends_nothing(door):
    for path in [*THERE, *NOT_THERE]:
        full, bare = door.ask(path), door.ask(path, method="HEAD")
        assert bare.body == b""
        for name in ("content-type", "content-length", "etag", "vary", "cache-control"):
            assert bare.head.get(name) == full.head.get(name), (path, name)
        assert bare.status == full.status


NAMES = {
    "one letter too many": "a" * 5000,
    "a slash": "a%2Fb",
    "two slashes": "/demo",
    "dots": "..",
    "encoded dots": "%2e%2e",
    "a leading dash": "-demo",
    "a cat": "%F0%9F%90%B1",
    "cats": "%F0%9F%90%B1" * 600,
    "a Kelvin sign": "%E2%84%AA",
    "a space": "%20",
    "a quote": "'%22%3C%3E",
    "SQL": "demo'%20OR%20'1'='1",
    "a percent sign": "%25",
    "a template": "{demo}%7B%7B7*7%7D%7D",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_that_cannot_be_are_not_found(door, name):
    for path in (f"/simple/{name}/", f"/simple/{name}", f"/pypi/{name}/json", f"/pypi/demo/{name}/json"):
        said = door.ask(path)
        assert said.status == 404, path[:60]
        assert len(said.body) < 30_000


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("%00", b"The address holds control characters.\n"),
        ("a%0d%0ab", b"The address holds control characters.\n"),
        ("%ff", b"The address is not UTF-8.\n"),
        ("%c0%af", b"The address is not UTF-8.\n"),
        ("%ed%a0%80", b"The address is not UTF-8.\n"),
        ("%", b"A percent sign in an address must be followed by two hexadecimal digits.\n"),
        ("%zz", b"A percent sign in an address must be followed by two hexadecimal digits.\n"),
    ],
)
def test_addresses_that_are_no_text_are_refused_in_one_sentence(door, name, sentence):
    for path in (f"/simple/{name}/", f"/pypi/{name}/json", f"/packages/{name}", f"/packages/00/00/{name}"):
        assert door.ask(path)[::2] == (400, sentence)


def test_addresses_that_are_too_long_are_refused_in_one_sentence(door):
    for path in ("/simple/{}/", "/pypi/{}/json", "/packages/{}"):
        assert door.ask(path.format("a" * 10_000))[::2] == (414, b"The address is longer than 8192 bytes.\n")


@pytest.mark.parametrize(
    "piece", ["a/b,", "*/*;q=0.1,", "a/b;" + "x=y;" * 100 + ",", ",", ";", '"', "\x80,", "gzip;q=2,"]
)
def test_headers_that_go_on_and_on_are_answered(door, piece):
    for name in ("Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Modified-Since", "Range"):
        value = piece * (60_000 // len(piece))
        for path in ("/simple/demo/", "/pypi/demo/json", "FILE"):
            assert door.ask(path, f"{name}: {value}").status == 200, (name, path)


def test_ours_is_found_among_many_validators(door):
    others = [f'"{number:032x}"' for number in range(99)]
    for path in THERE:
        ours = door.ask(path).head["etag"]
        for listed in ([*others, ours], [ours, *others], [f"W/{ours}", *others]):
            said = door.ask(path, "If-None-Match: " + ", ".join(listed))
            assert (said.status, said.body, said.head["etag"]) == (304, b"", ours), path
        assert door.ask(path, "If-None-Match: " + ",".join(others)).status == 200
        assert door.ask(path, "If-None-Match: " + ours.replace('"', "")).status == 200
        assert door.ask(path, f"If-None-Match: {others[0]}", f"If-None-Match: {ours}").status == 304
        assert door.ask(path, "If-None-Match: *").status == 304
    assert door.ask(NOT_THERE[0], "If-None-Match: *").status == 404


def test_more_header_fields_than_anybody_sends_are_refused(door):
    said = door.ask("/simple/demo/", *[f'If-None-Match: "{number}"' for number in range(101)])
    assert (said.status, said.body) == (431, b"There are more than 100 header fields.\n")
