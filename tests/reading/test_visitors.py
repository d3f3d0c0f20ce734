"""How often one address may read: what it is told then, and what is not counted."""

from __future__ import annotations

import pytest

from tests.builders import wheel
from tests.index import JSON, Index
from tests.served import served
from warehouse.api.site import UNLIMITED
from warehouse.server.reply import Ready
from warehouse.settings import load_settings
from warehouse.standards.http import Ask

SOME = {"WAREHOUSE_LIMITS__READS_PER_ADDRESS": "4 per hour"}


@pytest.fixture
def index(tools, tmp_path):
    """An index that lets each address read four times."""
    settings = load_settings({"WAREHOUSE_DATA": str(tmp_path), **SOME})
    object.__setattr__(tools, "settings", settings)
    index = Index(tools)
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    return index


def glanced(index: Index, client: str, path: str = "/simple/demo/", method: str = "GET") -> Ready | None:
    found = index.doors.glance(Ask(method, path, "", {}, client))
    assert found is None or isinstance(found, Ready)
    return found


def test_who_asks_too_often_is_told_when_to_come_back(index):
    assert [glanced(index, "192.0.2.1") for _ in range(4)] == [None] * 4  # not in memory, but not refused either
    refused = glanced(index, "192.0.2.1")
    assert refused.status == 429
    assert refused.body == b"Too many requests come from your address. Wait 900 s, and ask less often.\n"
    for line in (b"retry-after: 900", b"cache-control: no-store", b"access-control-allow-origin: *"):
        assert line in refused.head
    assert glanced(index, "192.0.2.2") is None
    assert index.tools.metrics.reads_refused.value == 1


@pytest.mark.parametrize(
    "path", ["/", "/simple/", "/simple/nothing/", "/packages/x", "/pypi/demo/json", "/no/such/page"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whatever_is_read_counts(index, path, method):
    for _ in range(4):
        assert glanced(index, "192.0.2.1", path, method) is None
    assert glanced(index, "192.0.2.1", path, method).status == 429


def test_hits_and_misses_count_alike(index):
    index.get("/simple/demo/")
    found = [glanced(index, "192.0.2.1").status for _ in range(6)]
    assert found == [200, 200, 200, 200, 429, 429]


def test_a_body_is_no_way_around(index):
    ask = Ask("GET", "/simple/demo/", "", {"content-length": "1", "accept": JSON}, "192.0.2.1")
    assert [index.doors.answer(ask).status for _ in range(6)] == [200, 200, 200, 200, 429, 429]


@pytest.mark.parametrize("segment", sorted(UNLIMITED))
def test_who_watches_over_the_index_is_not_counted(index, segment):
    assert [glanced(index, "192.0.2.1", f"/{segment}/") for _ in range(9)] == [None] * 9


def test_uploads_are_not_counted(index):
    for number in range(9):
        assert index.upload(wheel("demo", f"2.{number}"), token=index._tokens["ada"]).status == 200
        assert glanced(index, "192.0.2.1", "/legacy/", "POST") is None


def test_without_a_limit_nobody_counts(tools):
    index = Index(tools)
    assert [glanced(index, "192.0.2.1") for _ in range(99)] == [None] * 99


def test_the_workers_of_a_machine_count_together_by_the_address_that_a_proxy_tells(tmp_path):
    with served(tmp_path, WAREHOUSE_LIMITS__READS_PER_ADDRESS="30 per hour") as index:
        mine = [index.get("/simple/nothing/", x_forwarded_for="192.0.2.1").status for _ in range(40)]
        assert mine == [404] * 30 + [429] * 10
        assert index.get("/simple/nothing/", x_forwarded_for="192.0.2.2").status == 404
        refused = index.get("/", x_forwarded_for="6.6.6.6, 192.0.2.1")
        assert (refused.status, refused.headers["retry-after"]) == (429, "120")
        for path in ("/_health/", "/_ready/", "/metrics"):
            assert index.get(path, x_forwarded_for="192.0.2.1").status in (200, 403)
