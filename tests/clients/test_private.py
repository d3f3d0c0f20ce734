"""Clients of an index that lets only people with a token read."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.builders import wheel
from tests.clients.tools import with_credentials
from tests.served import Served, served


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An index with one project that strangers must not see."""
    with served(tmp_path_factory.mktemp("private"), WAREHOUSE_ACCESS__READ="signed_in") as index:
        index.publish(wheel("served-secret"))
        yield index


def test_strangers_read_neither_pages_nor_files(private):
    answer = private.get("/simple/served-secret/")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert private.get("/simple/").status == 401


def test_pip_without_credentials_is_asked_for_some(private, desk):
    command = ("install", "-vv", "--index-url", private.simple_url, "served-secret")
    python = desk.venv()
    assert "401 Client Error" in desk.pip(*command, python=python, ok=False).text
    assert (
        f"User for {urlsplit(private.url).netloc}:"
        in desk.pip(*command, python=python, ok=False, PIP_NO_INPUT="0").text
    )


def test_pip_with_a_wrong_token_fails(private, desk):
    url = with_credentials(private.simple_url, "pypi-wrong")
    said = desk.pip("install", "-vv", "--index-url", url, "served-secret", python=desk.venv(), ok=False)
    assert "401 Client Error" in said.text


def test_pip_and_uv_install_with_a_token_in_the_address(private, desk):
    url = with_credentials(private.simple_url, private.token())
    one, other = desk.venv("one"), desk.venv("other")
    said = desk.pip("install", "--index-url", url, "served-secret", python=one)
    assert private.token() not in said.said
    desk.uv("pip", "install", "--default-index", url, "--python", other, "served-secret")
    assert desk.installed(one) == desk.installed(other) == {"served-secret": "1.0"}


def test_pip_and_uv_install_with_a_token_in_netrc(private, desk):
    netrc = desk.home / ".netrc"
    netrc.write_text(f"machine {urlsplit(private.url).hostname}\nlogin __token__\npassword {private.token()}\n")
    netrc.chmod(0o600)
    one, other = desk.venv("one"), desk.venv("other")
    desk.pip("install", "--index-url", private.simple_url, "served-secret", python=one)
    desk.uv("pip", "install", "--default-index", private.simple_url, "--python", other, "served-secret")
    assert desk.installed(one) == desk.installed(other) == {"served-secret": "1.0"}


def test_uv_without_credentials_says_that_they_are_missing(private, desk):
    command = ("pip", "install", "--default-index", private.simple_url, "--python", desk.venv(), "served-secret")
    assert "401 Unauthorized" in desk.uv(*command, ok=False).text


def test_twine_and_uv_publish_with_the_same_token(private, desk):
    desk.twine(*desk.write(wheel("served-secret", "1.1")), token=private.token(), url=private.upload_url)
    credentials = ("--token", private.token(), "--publish-url", private.upload_url, "--trusted-publishing", "never")
    desk.uv("publish", *credentials, *desk.write(wheel("served-secret", "1.2")))
    url = with_credentials(private.simple_url, private.token())
    python = desk.venv()
    desk.pip("install", "--index-url", url, "served-secret", python=python)
    assert desk.installed(python) == {"served-secret": "1.2"}
