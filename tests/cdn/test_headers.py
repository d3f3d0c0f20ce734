"""What each door says about keeping its answers: to clients, and to a CDN that is told of changes."""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

import pytest

from tests.conftest import MakeIndex
from tests.index import JSON, Index, basic
from warehouse.server.reply import Ready
from warehouse.standards.http import Answer

DAY = 86400


class Row(NamedTuple):
    """A line of the table; ``cdn`` is max-age, stale-while-revalidate and stale-if-error in seconds."""

    path: str
    client: str | None
    cdn: tuple[int | None, ...] | None
    keys: str | None = None
    accept: str = "*/*"


# As the public index sends them.
TABLE = [
    Row("/simple/", "max-age=600, public", (DAY, 300, DAY), accept="text/html"),
    Row("/simple/", "max-age=600, public", (1800, 300, DAY), accept=JSON),
    Row("/simple/demo/", "max-age=600, public", (DAY, 300, DAY), "project/demo", accept="text/html"),
    Row("/simple/demo/", "max-age=600, public", (DAY, 300, DAY), "project/demo", accept=JSON),
    Row(
        "/pypi/demo/json",
        "max-age=900, public",
        (DAY, 300, DAY),
        "all-legacy-json project-legacy-json project/demo",
    ),
    Row(
        "/pypi/demo/1.0/json",
        "max-age=900, public",
        (DAY, 300, DAY),
        "all-legacy-json project/demo release-legacy-json",
    ),
    Row("/stats/", "max-age=86400, public", (DAY, DAY, DAY), accept="application/json"),
    Row("/rss/updates.xml", None, (DAY, DAY, 5 * DAY), "all-projects"),
    Row("/rss/packages.xml", None, (DAY, DAY, 5 * DAY), "all-projects"),
    Row("/rss/project/demo/releases.xml", None, (DAY, None, 5 * DAY), "project/demo"),
    Row("/sitemap.xml", "max-age=3600, public", (DAY, DAY // 4, DAY), "all-projects"),
    Row("/opensearch.xml", "max-age=86400, public", (DAY, DAY // 4, DAY)),
    # Ours alone, which change like project pages do, and like nothing else.
    Row("/namespaces", "max-age=600, public", (DAY, 300, DAY), "all-projects"),
    Row("/api/journal/", "no-cache", None),
]
PATHS = pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.path} {row.accept.rpartition('/')[2]}")


def header(answer: Answer | Ready, name: str) -> str | None:
    """The field's value, however the answer holds it."""
    if isinstance(answer, Ready):
        found = re.search(rb"\r\n%s: ([^\r]*)\r\n" % name.encode(), answer.head + b"\r\n", re.IGNORECASE)
        return found[1].decode() if found else None
    return next((value for field, value in answer.headers if field.lower() == name), None)


def surrogate_control(times: tuple[int | None, ...]) -> str:
    names = ("max-age", "stale-while-revalidate", "stale-if-error")
    return ", ".join(f"{name}={time}" for name, time in zip(names, times, strict=True) if time is not None)


@pytest.fixture
def index_with(index_with: MakeIndex) -> MakeIndex:
    """With every door open."""
    return partial(index_with, NAMESPACES__ENABLED="true", SITE__URL="https://index.test")


def asked(index: Index, row: Row) -> Answer | Ready:
    answer = index.get(row.path, accept=row.accept)
    assert answer.status == 200, answer
    return answer


@PATHS
def test_a_public_index_with_a_cdn_says_what_the_table_says(demo: Index, index_with: MakeIndex, row: Row) -> None:
    answer = asked(index_with(PROFILE="public", CDN__BACKEND="varnish"), row)
    assert header(answer, "cache-control") == row.client
    assert header(answer, "surrogate-control") == (surrogate_control(row.cdn) if row.cdn else None)
    assert header(answer, "surrogate-key") == row.keys


@PATHS
def test_a_cdn_that_nobody_tells_of_changes_may_keep_no_page_longer_than_clients(
    demo: Index, index_with: MakeIndex, row: Row
) -> None:
    answer = asked(index_with(PROFILE="public"), row)
    assert header(answer, "cache-control") == row.client
    assert header(answer, "surrogate-control") is None
    assert header(answer, "surrogate-key") is None


@PATHS
def test_a_private_index_has_clients_ask_every_time(demo: Index, index_with: MakeIndex, row: Row) -> None:
    answer = asked(index_with(), row)
    assert header(answer, "cache-control") == "no-cache"
    assert header(answer, "surrogate-control") is None


@PATHS
def test_what_only_token_holders_may_read_is_never_public(demo: Index, index_with: MakeIndex, row: Row) -> None:
    closed = index_with(PROFILE="public", CDN__BACKEND="fastly", ACCESS__READ="signed_in")
    authorization = reader_of(demo)
    answer = closed.get(row.path, accept=row.accept, authorization=authorization)
    assert answer.status == 200, answer
    assert "public" not in (header(answer, "cache-control") or "private")
    assert "private" in (header(answer, "cache-control") or "")
    assert header(answer, "surrogate-control") is None
    assert header(answer, "surrogate-key") is None
    assert "Authorization" in (header(answer, "vary") or "")
    if row.path == "/opensearch.xml":
        return  # how to search the index is no secret; what is found is
    unknown = closed.get(row.path, accept=row.accept)
    assert (unknown.status, header(unknown, "cache-control")) == (401, "no-store")
    assert header(unknown, "surrogate-control") is None


def test_the_settings_times_are_the_ones_that_are_sent(demo: Index, index_with: MakeIndex) -> None:
    times = {
        "PAGES__MAX_AGE": "1 min",
        "PAGES__CDN_MAX_AGE": "10 min",
        "PAGES__STALE_WHILE_REVALIDATE": "2 min",
        "PAGES__STALE_IF_ERROR": "1 h",
    }
    index = index_with(CDN__BACKEND="varnish", **times)
    page, root = index.get("/simple/demo/", accept=JSON), index.get("/simple/", accept=JSON)
    assert header(page, "cache-control") == "max-age=60, public"
    # Not the half hour that the root list may be kept elsewhere: no page is kept longer than the setting says.
    assert header(page, "surrogate-control") == header(root, "surrogate-control") == surrogate_control((600, 120, 3600))


@pytest.mark.parametrize("path", ["/simple/nobody/", "/pypi/nobody/json"])
def test_what_is_not_there_is_not_kept_by_anybody(demo: Index, index_with: MakeIndex, path: str) -> None:
    index = index_with(PROFILE="public", CDN__BACKEND="varnish")
    answer = index.get(path)
    assert answer.status == 404
    assert header(answer, "surrogate-control") is None
    assert header(answer, "cache-control") == "no-cache"


@pytest.mark.parametrize("companion", ["", ".metadata"])
@pytest.mark.parametrize(
    ("given", "scope", "key"),
    [
        ({}, "public", None),
        ({"PROFILE": "public"}, "public", None),
        ({"PROFILE": "public", "CDN__BACKEND": "varnish"}, "public", "files/demo"),
        ({"PROFILE": "public", "CDN__BACKEND": "varnish", "ACCESS__READ": "signed_in"}, "private", None),
    ],
)
def test_files_are_kept_for_ever_and_purged_when_they_are_removed(
    demo: Index, index_with: MakeIndex, given: dict[str, str], scope: str, key: str | None, companion: str
) -> None:
    path = demo.simple("demo")["files"][0]["url"] + companion
    answer = index_with(**given).get(path, authorization=reader_of(demo))
    assert (answer.status, header(answer, "cache-control")) == (200, f"max-age=365000000, immutable, {scope}")
    assert (header(answer, "surrogate-key"), header(answer, "surrogate-control")) == (key, None)


def reader_of(index: Index) -> str:
    """An Authorization header with a token of a user who may read."""
    return basic("__token__", index.token(index.user("eve")))
