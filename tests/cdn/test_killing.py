"""No purge is lost, whatever becomes of the worker or of the CDN: against a server that speaks Fastly's API."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.builders import wheel
from tests.cdn.fastly import SERVICE, TOKEN, Fastly, fastly
from tests.served import Served, eventually, served


@pytest.fixture(scope="module")
def api() -> Iterator[Fastly]:
    with fastly() as running:
        yield running


@pytest.fixture(scope="module")
def index(api: Fastly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {
        "WAREHOUSE_CDN__BACKEND": "fastly",
        "WAREHOUSE_CDN__FASTLY_API": api.url,
        "WAREHOUSE_CDN__FASTLY_SERVICE": SERVICE,
        "WAREHOUSE_CDN__FASTLY_TOKEN": TOKEN,
        "WAREHOUSE_CDN__AGAIN_AFTER": "1 s",
        "WAREHOUSE_PAGES__CDN_MAX_AGE": "1 day",
    }
    with served(tmp_path_factory.mktemp("index"), **settings) as running:
        running.token()
        yield running


def test_a_worker_that_is_killed_in_the_middle_purges_again(index: Served, api: Fastly) -> None:
    index.publish(wheel("first", "1.0"))
    eventually(lambda: api.keys.count("project/first") == 2)
    assert all(purge.soft for purge in api.purges)
    # The CDN takes the purge, and the worker dies before it has heard so: nobody knows, so it is done again.
    api.seconds = 3.0
    index.publish(wheel("second", "1.0"))
    eventually(lambda: "project/second" in api.keys)
    [worker] = index.role("jobs")
    os.kill(worker, signal.SIGKILL)
    api.seconds = 0.0
    eventually(lambda: api.keys.count("project/second") >= 3, seconds=40)
    assert api.keys.count("project/first") == 2  # what was acknowledged is not purged once more


def test_a_cdn_that_is_away_holds_up_nobody_and_is_told_everything_later(index: Served, api: Fastly) -> None:
    before = api.asked
    api.status = 503
    names = [f"p{number}" for number in range(5)]
    for name in names:
        index.publish(wheel(name, "1.0"))
        assert index.get(f"/simple/{name}/").status == 200
    eventually(lambda: api.asked >= before + 2)
    assert not {f"project/{name}" for name in names} & set(api.keys)
    index.signal(signal.SIGHUP)  # a restart in between forgets nothing
    api.status, api.headers = 429, {"Retry-After": "1"}
    before = api.asked
    eventually(lambda: api.asked > before, seconds=40)
    api.status, api.headers = 200, {}
    eventually(lambda: {f"project/{name}" for name in names} <= set(api.keys), seconds=40)
    log = index.log.read_text()
    assert "Fastly is in trouble itself (503)." in log
    assert "Fastly takes no more purges for now (429)." in log
    assert "Traceback" not in log
    assert TOKEN not in log
