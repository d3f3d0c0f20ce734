"""Feeds, statistics and former addresses as a running index answers them, to those who may read it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from tests.builders import wheel
from tests.index import basic
from tests.served import Served, served


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A private index with two projects."""
    settings = {"WAREHOUSE_ACCESS__READ": "signed_in", "WAREHOUSE_SITE__SECURITY_CONTACT": "security@example.org"}
    with served(tmp_path_factory.mktemp("feeds"), **settings) as index:
        index.publish(wheel("Demo", "1.0"), wheel("other", "1.0"))
        yield index
        assert "Traceback" not in index.log.read_text()


def authorization(index: Served) -> str:
    return basic("__token__", index.token())


PRIVATE = [
    "/rss/updates.xml",
    "/rss/packages.xml",
    "/rss/project/demo/releases.xml",
    "/sitemap.xml",
    "/stats/",
    "/p/x/",
]
PRIVATE += [
    "/pypi?:action=rss",
    "/pypi?:action=list_classifiers",
    "/rss/project/nobody/releases.xml",
    "/00.sitemap.xml",
]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_stranger_learns_nothing(index: Served, accept: str) -> None:
    answers = [index.get(path, accept=accept) for path in PRIVATE]
    assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}


@pytest.mark.parametrize("path", ["/robots.txt", "/opensearch.xml", "/.well-known/security.txt"])
def test_what_everybody_may_know_is_told_to_everybody(index: Served, path: str) -> None:
    assert index.get(path).status == 200


def test_token_holders_read_all_of_it(index: Served) -> None:
    token = authorization(index)
    updates = index.get("/rss/updates.xml", authorization=token)
    titles = [item.findtext("title") for item in ElementTree.fromstring(updates.body).iter("item")]
    assert titles == ["other 1.0", "Demo 1.0"]
    zipped = index.get("/rss/updates.xml", authorization=token, accept_encoding="gzip")
    assert (zipped.headers["content-encoding"], gzip.decompress(zipped.body)) == ("gzip", updates.body)
    page = index.get("/stats/", authorization=token)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert b"The 2 largest projects" in page.body
    numbers = index.get("/stats/", authorization=token, accept="application/json").json()
    assert sorted(numbers["top_packages"]) == ["Demo", "other"]
    assert numbers["total_packages_size"] == sum(project["size"] for project in numbers["top_packages"].values())


def test_former_addresses_lead_on(index: Served) -> None:
    token = authorization(index)
    for path, status, location in [
        ("/pypi?:action=display&name=Demo&version=1.0", 301, "/project/Demo/1.0/"),
        ("/pypi/Demo", 301, "/project/Demo/"),
        ("/pypi/Demo/json", 301, "/pypi/demo/json"),
        ("/pypi/", 301, "/"),
        ("/pypi?:action=browse&c=1", 404, None),
        ("/pypi?:action=search&term=a%0d%0ab", 400, None),
        ("/pypi?:action=search&term=%ff", 400, None),
        ("/pypi?:action=doap&name=x", 410, None),
    ]:
        answer = index.get(path, authorization=token)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        assert (answer.status, headers.get("location")) == (status, location), path
    assert len(index.get("/pypi?:action=list_classifiers", authorization=token).body.splitlines()) > 800
