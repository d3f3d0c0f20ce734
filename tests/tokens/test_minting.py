"""`warehouse token mint` asks an index elsewhere for a token, and says in a sentence what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from click.testing import CliRunner, Result

from tests.builders import wheel
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from warehouse.api.tokens import TokenDoor
from warehouse.cli.main import cli


class Nowhere:
    """No application: minting must not need one."""

    def prefer(self, **given: Any) -> None:
        """Nothing to prefer."""


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Tests are not told."""


@contextmanager
def listening(application: Callable[..., Any]) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def mint(*words: str, stdin: str = "", token: str | None = None) -> Result:
    env = {"WAREHOUSE_TOKEN": token}
    return CliRunner().invoke(cli, ["token", "mint", *words], obj=Nowhere(), input=stdin, env=env)


def declined(result: Result, code: int = 1) -> str:
    assert (result.exit_code, result.stdout) == (code, ""), result
    return result.stderr


@pytest.fixture
def parent(index) -> str:
    ada = index.user("ada")
    for name in ("demo", "other"):
        accepted(index, Attempt(wheel(name, "1.0"), by=ada))
    return token_of(index, ada)


@pytest.fixture
def url(index) -> Iterator[str]:
    with listening(TokenDoor(index.tools)) as address:
        yield address


def test_the_token_is_all_that_is_printed_and_it_reaches_as_far_as_was_asked(index, parent, url):
    result = mint("--url", f"{url}/", "--project", "demo", "--expires-in", "90 s", "--description", "CI", token=parent)
    assert (result.exit_code, result.stderr) == (0, "")
    token = result.stdout.removesuffix("\n")
    accepted(index, Attempt(wheel("demo", "1.1"), token=token))
    refused(index, Attempt(wheel("other", "1.1"), token=token), 403, "Invalid API Token")
    query = "SELECT description, extract(epoch FROM expires_at - created_at) FROM tokens WHERE parent_id IS NOT NULL"
    ((description, seconds),) = run(index, query)
    assert (description, 89 <= seconds <= 90) == ("CI", True)


def test_the_parent_may_come_by_standard_input(parent, url):
    assert mint("--url", url, stdin=f"{parent}\nmore\n").exit_code == 0


def test_what_the_index_says_is_told(parent, url):
    told = declined(mint("--url", url, "--project", "third", token=parent))
    assert told == f"{url} declines: ada has no project 'third'. Upload to it once first.\n"
    assert "existent authentication" in declined(mint("--url", url, token="pypi-nothing"))


@pytest.mark.parametrize("given", ["", "\n", "pypi- x", "pypi-é", "a\0b"])
def test_something_that_is_no_token_is_not_even_sent(given):
    told = declined(mint("--url", "http://127.0.0.1:9", stdin=given))
    assert told.startswith("Give the token to make another one from in WAREHOUSE_TOKEN")


@pytest.mark.parametrize("address", ["example.org", "ftp://x", "http://", "http://:80", "http://[x", "http://x:y", ""])
def test_the_address_is_one_of_the_web(address):
    assert declined(mint("--url", address, token="pypi-x")).startswith("--url is the address of an index")


def test_nobody_there_is_told():
    assert "127.0.0.1:9 does not answer" in declined(mint("--url", "http://127.0.0.1:9", token="pypi-x"))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        ("200 OK", [], b"<html>hello"),
        ("404 Not Found", [], b""),
        ("201 Created", [], b'{"token": 1}'),
        ("201 Created", [], b"[]"),
        ("400 Bad Request", [], b'{"token": "x"}'),
        ("201 Created", [], b"[" * 100_000),
    ],
)
def test_what_is_no_index_is_told(status, headers, body):
    def strange(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, headers)
        return [body]

    with listening(strange) as address:
        told = declined(mint("--url", address, token="pypi-x"))
    assert told.endswith("it makes no tokens. Is it the index's address?\n")


def test_the_token_follows_no_redirect():
    asked: list[str] = []

    def leading(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("308 Permanent Redirect", [("Location", "https://elsewhere.example/api/tokens/")])
        return [b""]

    with listening(leading) as address:
        told = declined(mint("--url", address, token="pypi-x"))
    assert "answered with 308 and leads to https://elsewhere.example/api/tokens/" in told
    assert asked == ["/api/tokens/"]
