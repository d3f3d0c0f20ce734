"""What Prometheus is told by a tree of processes: the sums over all of them, whichever is asked."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import wheel
from tests.deployments.deployed import Deployed, deployed
from tests.served import eventually
from warehouse.application import serving
from warehouse.settings import load_settings

SIMPLE = 'warehouse_http_requests_total{{door="simple",status="{}xx"}}'
CACHE = 'warehouse_page_cache_total{{door="simple",result="{}"}}'
HITS, MISSES = CACHE.format("hit"), CACHE.format("miss")


@pytest.fixture
def index(database: str, tmp_path) -> Iterator[Deployed]:
    """An index with two workers that has just begun to count."""
    with deployed(tmp_path, DATABASE_URL=database, WAREHOUSE_WEB__WORKERS="2") as index:
        yield index


def numbers(index: Deployed) -> dict[str, float]:
    lines = index.get("/metrics").body.decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_numbers_are_the_sums_over_all_workers(index: Deployed) -> None:
    index.publish(wheel("demo", "1.0"), wheel("demo", "2.0"))
    assert index.upload(wheel("demo", "2.0", files={"another": "content"})).status == 400
    for _ in range(40):  # so many connections that both workers have some
        assert index.get("/simple/demo/").status == 200
    for _ in range(5):
        assert index.get("/simple/nothing/").status == 404
    assert index.get(index.files("demo")[0]["url"]).status == 200
    with index.tools() as tools:
        serial = tools.head.serial

    def told() -> bool:
        now = numbers(index)
        return (
            now["warehouse_uploads_accepted_total"] == now["warehouse_upload_seconds_count"] == 2
            and sum(value for name, value in now.items() if name.startswith("warehouse_uploads_refused_total")) == 1
            and now[SIMPLE.format(2)] == 41
            and now[SIMPLE.format(4)] == 5
            and now['warehouse_http_requests_total{door="files",status="2xx"}'] == 1
            and now['warehouse_http_requests_total{door="upload",status="2xx"}'] == 2
            and now['warehouse_http_requests_total{door="upload",status="4xx"}'] == 1
            and now[HITS] + now[MISSES] == 46
            and 2 <= now[MISSES] <= 12
            and now['warehouse_page_build_seconds_count{door="simple"}'] == now[MISSES]
            and now['warehouse_page_cache_total{door="files",result="miss"}'] == 1
            and now["warehouse_page_cache_bytes"] > 1000
            and 2 <= now["warehouse_page_cache_entries"] <= 5
            and now['warehouse_page_cache_drops_total{reason="evicted"}'] == 0
            and now["warehouse_journal_serial"] == serial
        )

    eventually(told, seconds=5, otherwise=lambda: numbers(index))


def test_a_worker_that_died_counts_on_and_holds_nothing(index: Deployed) -> None:
    for _ in range(20):
        index.get("/simple/")
    eventually(lambda: numbers(index).get(SIMPLE.format(2)) == 20, seconds=5, otherwise=lambda: numbers(index))
    (dead,) = index.role("web-1")
    os.kill(dead, signal.SIGKILL)
    eventually(lambda: index.role("web-1") not in ([], [dead]))
    eventually(lambda: not list((index.data / "run" / "metrics").glob(f"gauge_live*_{dead}.db")))
    assert numbers(index)[SIMPLE.format(2)] == 20


def test_connections_are_those_that_are_open(index: Deployed) -> None:
    for _ in range(30):
        index.get("/simple/")
    held = [index.connect() for _ in range(5)]
    try:
        for connection in held:
            index.get("/simple/", connection=connection)
        # One more is the connection that asks.
        eventually(lambda: numbers(index)["warehouse_connections"] in (5, 6), seconds=4)
    finally:
        for connection in held:
            connection.close()


def test_a_tree_begins_with_fresh_numbers_unless_another_counts_on_the_folder(tmp_path: Path) -> None:
    settings = load_settings({"WAREHOUSE_DATA": str(tmp_path)})
    (tmp_path / "run").mkdir()
    count = serving.metrics_folder(settings) / "counter_1.db"
    with serving._counting(settings):
        count.write_bytes(b"counted")
        with serving._counting(settings):
            assert count.exists()
    with serving._counting(settings):
        assert not count.exists()
