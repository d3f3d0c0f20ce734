"""A public index behind a real Varnish, as installers and publishers meet it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import wheel
from tests.cdn.varnish import Response, Varnish, varnish
from tests.contracts.s3_server import free_port
from tests.index import JSON
from tests.served import Served, eventually, served, upload_request

PUBLIC = {
    "WAREHOUSE_PROFILE": "public",
    "WAREHOUSE_ACCESS__REQUIRE_SECOND_FACTOR": "false",
    "WAREHOUSE_CDN__BACKEND": "varnish",
    "WAREHOUSE_CDN__AGAIN_AFTER": "2 s",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Varnish]]:
    folder, port = tmp_path_factory.mktemp("behind"), free_port()
    with (
        served(folder / "index", **PUBLIC, WAREHOUSE_CDN__VARNISH=f"http://127.0.0.1:{port}") as index,
        varnish(folder / "varnish", index.url, port) as cache,
    ):
        index.publish(wheel("demo", "1.0"))
        yield index, cache


@pytest.fixture
def index(both: tuple[Served, Varnish]) -> Served:
    return both[0]


@pytest.fixture
def cache(both: tuple[Served, Varnish]) -> Varnish:
    return both[1]


def pip(cache: Varnish, requirement: str, folder: Path) -> bool:
    """Whether pip finds it through the cache, and the file is whole."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    command = [sys.executable, "-m", "pip", "download", "--isolated", "--no-deps", "--no-cache-dir", "--quiet"]
    where = ["--index-url", f"{cache.url}/simple/", "--dest", folder, requirement]
    return subprocess.run([*command, *where], env=environ, capture_output=True, timeout=60).returncode == 0


def versions(cache: Varnish, name: str) -> list[str]:
    return list(cache.get(f"/simple/{name}/", accept=JSON).json()["versions"])


@pytest.mark.parametrize("path", ["/simple/demo/", "/simple/", "/pypi/demo/json", "/pypi/demo/1.0/json"])
def test_pages_are_kept(cache: Varnish, path: str) -> None:
    first = cache.get(path, accept=JSON)
    again = cache.get(path, accept=JSON)
    assert again.headers["x-cache"] == "HIT"
    assert again.body == first.body
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["x-pypi-last-serial"] == first.headers["x-pypi-last-serial"]
    assert "surrogate-key" not in again.headers
    unchanged = cache.get(path, accept=JSON, if_none_match=again.headers["etag"])
    assert (unchanged.status, unchanged.body) == (304, b"")


def test_an_upload_through_the_cache_is_seen_through_it(index: Served, cache: Varnish, tmp_path: Path) -> None:
    assert pip(cache, "demo==1.0", tmp_path)
    assert "9.0" not in versions(cache, "demo")
    dist = wheel("demo", "9.0")
    body, headers = upload_request(dist, index.token())
    answer = cache.get("/legacy/", "POST", body, **headers)
    assert answer.status == 200, answer
    # For a moment readers get the old page, while the new one is fetched.
    eventually(lambda: "9.0" in versions(cache, "demo"))
    assert pip(cache, "demo==9.0", tmp_path)
    assert (tmp_path / dist.filename).read_bytes() == dist.content
    eventually(lambda: b"9.0" in cache.get("/pypi/demo/json").body)


def test_a_new_project_is_there_at_once_for_a_cache_does_not_keep_that_it_was_not(
    index: Served, cache: Varnish, tmp_path: Path
) -> None:
    assert cache.get("/simple/brand-new/").status == 404
    assert cache.get("/pypi/brand-new/json").status == 404
    index.publish(wheel("brand-new", "1.0"))
    assert cache.get("/simple/brand-new/").status == 200
    assert pip(cache, "brand-new", tmp_path)


def test_files_and_their_metadata_are_kept(index: Served, cache: Varnish) -> None:
    [file] = [file for file in index.files("demo") if "1.0" in file["filename"]]
    path = file["url"].removeprefix(index.url)
    for address in (path, f"{path}.metadata"):
        first = cache.get(address)
        again = cache.get(address)
        assert (again.headers["x-cache"], again.body) == ("HIT", first.body)
        assert "immutable" in again.headers["cache-control"]
    assert cache.get(path, range="bytes=0-9").body == first_bytes(cache, path, 10)
    missing = "/packages/00/11/" + "2" * 60 + "/demo-1.0-py3-none-any.whl"
    for _ in range(2):
        assert (cache.get(missing).status, cache.get(missing).headers["x-cache"]) == (404, "MISS")


def first_bytes(cache: Varnish, path: str, count: int) -> bytes:
    return cache.get(path).body[:count]


def test_pages_about_somebody_are_asked_for_every_time(cache: Varnish) -> None:
    for _ in range(2):
        answer = cache.get("/account/login/")
        assert (answer.status, answer.headers["x-cache"]) == (200, "MISS")


def test_pages_for_people_are_kept_for_everybody_in_each_language(cache: Varnish) -> None:
    known = {"cookie": "session_id=somebody; _LOCALE_=en"}
    languages = itertools.cycle(["en-GB,en;q=0.9", "fr"])

    def page() -> Response:
        return cache.get("/stats/", accept="text/html", accept_language=next(languages), **known)

    # What other tests have purged may be fetched once more.
    eventually(
        lambda: [page().headers["x-cache"] for _ in range(2)] == ["HIT", "HIT"], otherwise=lambda: page().headers
    )
    assert page().headers["content-language"] == "en"
    assert "set-cookie" not in page().headers
    told = cache.get("/stats/", accept="text/html", cookie="flashes=something")
    assert told.headers["x-cache"] != "HIT"


def test_the_index_says_how_far_behind_the_cache_is(index: Served, cache: Varnish) -> None:
    name = f'follower="varnish {cache.url}"'

    def numbers() -> str:
        return index.get("/metrics").body.decode()

    eventually(lambda: f"warehouse_follower_lag{{{name}}} 0.0" in numbers(), otherwise=numbers)


def test_an_index_that_is_killed_goes_on_to_be_read(index: Served, cache: Varnish, tmp_path: Path) -> None:
    assert pip(cache, "demo==1.0", tmp_path / "before")
    index.kill()
    assert pip(cache, "demo==1.0", tmp_path / "while-away")
    assert cache.get("/simple/never-asked-for/").status == 503
    index.start()
    index.publish(wheel("demo", "10.0"))
    eventually(lambda: "10.0" in versions(cache, "demo"))
