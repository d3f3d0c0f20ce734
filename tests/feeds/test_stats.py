"""How large the index is: the same numbers for programs and for people."""

from __future__ import annotations

import orjson
import pytest

from tests.builders import sdist, wheel
from tests.feeds.conftest import HOST, add_project, fields, read
from tests.web.client import site
from warehouse.follow import FOLLOWERS, catch_up, rebuild
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project
from warehouse.standards.http import Ask

JSON = "application/json"


def stats(index):
    return orjson.loads(read(index, "/stats/", accept=JSON))


@pytest.mark.parametrize("follows", [True, False], ids=["the follower keeps up", "the follower is behind"])
def test_the_numbers_are_true_right_after_each_upload_and_removal(index, follows):
    ada = index.user("ada")
    expected: dict[str, int] = {}
    larger = wheel("other", "1.0", files={"x": b"y" * 5000})
    for name, dist in (("Demo", wheel("Demo", "1.0")), ("Demo", sdist("Demo", "1.0")), ("other", larger)):
        assert stats(index)["total_packages_size"] == sum(expected.values())
        assert index.upload(dist, by=ada).status == 200
        expected[name] = expected.get(name, 0) + len(dist.content)
        if follows:
            catch_up(index.tools, FOLLOWERS[0])
        assert stats(index) == {
            "total_packages_size": sum(expected.values()),
            "top_packages": {name: {"size": size} for name, size in expected.items()},
        }
    with index.work() as work:
        removed = sdist("Demo", "1.0")
        remove_file(work, find_project(work, "demo"), removed.filename)
    expected["Demo"] -= len(removed.content)
    assert stats(index)["total_packages_size"] == sum(expected.values())
    rebuild(index.tools, FOLLOWERS[0])
    index.cache.clear()
    assert stats(index)["total_packages_size"] == sum(expected.values())


def test_the_hundred_largest_are_told_with_sorted_keys_and_without_a_space(index):
    for number in range(103):
        add_project(index, f"p{number}", size=number * 1000)
    text = read(index, "/stats/", accept=JSON)
    names = sorted(f"p{number}" for number in range(3, 103))
    told = ",".join(f'"{name}":{{"size":{int(name[1:]) * 1000}}}' for name in names)
    assert text == f'{{"top_packages":{{{told}}},"total_packages_size":0}}'


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "html"),
        ("*/*", "html"),
        ("text/html", "html"),
        ("application/json, text/html;q=0.1", "html"),
        ("application/json, */*;q=0.1", "html"),
        ("application/json, text/*;q=0.1", "html"),
        ("text/plain", "html"),
        ("application/json", "json"),
        ("application/*", "json"),
        ("application/json, text/html;q=0", "json"),
        ("application/json;q=0.1, image/png", "json"),
        ("", "html"),
    ],
)
def test_html_comes_to_whoever_takes_it_and_json_to_whoever_takes_that_only(index, accept, form):
    door = index.doors._doors["stats"]
    headers = {} if accept is None else {"accept": accept}
    answer = door.answer(Ask("GET", "/stats/", "", headers))
    assert (answer is None) is (form == "html")
    if answer is not None:
        assert fields(answer)["content-type"] == JSON


def test_the_numbers_are_kept_as_long_as_the_public_index_keeps_them(public):
    page = site(public.tools, **PUBLIC).get("/stats/")
    numbers = fields(public.get("/stats/", host=HOST, accept=JSON))
    for told in (page.headers, numbers):
        assert told["cache-control"] == "max-age=86400, public"
        assert told["surrogate-control"] == "max-age=86400, stale-while-revalidate=86400, stale-if-error=86400"
        assert "Accept" in told["vary"].split(", ")
    assert page.headers["surrogate-key"] == "all-html pages/stats/page.html"
    assert "surrogate-key" not in numbers


PUBLIC = {
    "WAREHOUSE_PROFILE": "public",
    "WAREHOUSE_CDN__BACKEND": "fastly",
    "WAREHOUSE_CDN__FASTLY_SERVICE": "service",
    "WAREHOUSE_CDN__FASTLY_TOKEN": "token",
}


def test_people_see_the_largest_projects_first(index):
    add_project(index, "Small", size=1000)
    add_project(index, "Large.One", size=3_000_000)
    page = site(index.tools).get("/stats/").page
    rows = [element.text for element in page.all("tr")][1:]
    assert rows == ["1Large.One3.0 MB", "2Small1.0 kB"]
    assert page.text("caption") == "The 2 largest projects"
    (link,) = [one.attributes["href"] for one in page.all("a") if one.text == "Large.One"]
    assert link == "/project/Large.One/"


def test_an_empty_index_has_a_page_too(index):
    page = site(index.tools).get("/stats/").page
    assert "All files of this index take 0 B." in page.text("main")
    assert "Nothing was published yet" in page.text("main")
    assert stats(index) == {"total_packages_size": 0, "top_packages": {}}
