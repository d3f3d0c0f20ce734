"""The page of results, what is suggested, and the JSON, over an index with known projects in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import event

from tests.index import Index, basic
from tests.web.client import Client, Got, site
from warehouse.infra.search import EmbeddedSearch, Mark, SearchDocument, SearchWriter, Versions
from warehouse.web.pages.project.metadata import naturally
from warehouse.work import Tools

BOTH = ("/search/", "/api/search/")
SEVERAL = 45
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;javascript:alert(1)"


def documents() -> Iterator[SearchDocument]:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(SEVERAL):
        yield SearchDocument(
            name=f"Widget.{number}",
            normalized_name=f"widget-{number}",
            version=f"1.{number}",
            released_at=then + timedelta(days=number),
            summary=f"A widget of kind {number}.",
            classifiers=["Framework :: Django :: 5.2"] if number % 2 else ["Framework :: Flask", "Typing :: Typed"],
            downloads=number * 1000,
            dependents=number,
        )
    yield SearchDocument("requests", "requests", "2.0", then, "HTTP for humans.", downloads=10**6, dependents=500)
    yield SearchDocument("evil", "evil", "1.0", then, EVIL, classifiers=["Framework :: Plone"])


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedSearch:
    """What is asked, with the projects in it."""
    versions = Versions(tmp_path_factory.mktemp("search"))
    made = versions.fresh()
    writer = SearchWriter(made)
    writer.add(documents())
    writer.commit(Mark())
    writer.close()
    versions.swap(made)
    return EmbeddedSearch(versions.folder)


@pytest.fixture
def search_index(tools: Tools, searched: EmbeddedSearch) -> Tools:
    """The tools of an index that can be searched."""
    return replace(tools, search=searched)


@pytest.fixture
def web(search_index: Tools) -> Client:
    return site(search_index, WAREHOUSE_LIMITS__SEARCHES_PER_ADDRESS="10000 per second")


def asked(path: str, *pairs: tuple[str, str]) -> str:
    return f"{path}?{urlencode(pairs)}"


def links(got: Got) -> list[str]:
    return [link.attributes["href"] or "" for link in got.page.all("a")]


def names(got: Got) -> list[str]:
    return [link.removeprefix("/project/").strip("/") for link in links(got) if link.startswith("/project/")]


REFUSED: list[tuple[list[tuple[str, str]], int, str]] = [
    ([("q", "x" * 1001)], 413, "query_too_long"),
    *(([("q", "widget"), ("page", text)], 400, "page_number") for text in ("x", "", "0", "-1", "1.5", "٣", "1" * 10)),
    ([("q", "widget"), ("page", "4")], 404, "page"),
    ([("q", "widget"), ("page", "501")], 404, "page"),
    ([("q", "widget"), ("page", "999999999")], 404, "page"),
    ([("c", f"A :: {number}") for number in range(101)], 400, "too_many_filters"),
]
ANSWERED: list[list[tuple[str, str]]] = [
    [("q", "x" * 1000)],
    [("q", "qqqqzzzz7719"), ("page", "9")],
    [("q", "qqqqzzzz7719"), ("page", "900")],
    [("q", "widget"), ("o", "nobody knows this")],
    [("q", '"widget')],
    [("q", "\0 🐍 \u202e * ~2 AND ( [a TO")],
    [("c", " :: ".join("x" * 500))],
    [("c", ""), ("q", " ")],
    [("unknown", "1"), ("q", "widget")],
]


def test_what_cannot_be_searched_for_is_refused(web):
    for pairs, status, code in REFUSED:
        page, told = (web.get(asked(path, *pairs)) for path in BOTH)
        assert page.status == told.status == status, pairs
        assert page.headers["ratelimit-policy"] == told.headers["ratelimit-policy"]
        assert told.json["code"] == code and told.json["message"].endswith(".")


def test_whatever_else_is_asked_has_an_answer(web):
    for pairs in ANSWERED:
        assert [web.get(asked(path, *pairs)).status for path in BOTH] == [200, 200], pairs


def test_while_there_is_no_index_the_search_says_so(tools):
    for path in (*BOTH, "/search/suggestions/"):
        got = site(tools).get(asked(path, ("q", "widget")))
        assert got.status == 503
        assert int(got.headers["retry-after"]) > 0
        assert "ratelimit" in got.headers


def test_an_address_searches_so_often_and_no_more(search_index):
    web = site(search_index, WAREHOUSE_LIMITS__SEARCHES_PER_ADDRESS="3 per minute")
    left = []
    for path in ("/search/", "/api/search/?q=widget", "/search/?page=x"):
        left.append(web.get(path).headers["ratelimit"])
    assert [re.sub("t=.*", "", told) for told in left] == ['"search";r=2;', '"search";r=1;', '"search";r=0;']
    for path in BOTH:
        refused = web.get(path)
        assert refused.status == 429
        assert re.search(r"Search again in \d+ s", refused.text)
        assert 0 < int(refused.headers["retry-after"]) <= 20
        assert refused.headers["ratelimit-policy"] == '"search";q=3;w=60;pk=:ip:'
        assert refused.headers["ratelimit"].startswith('"search";r=0;')
    assert web.get("/search/suggestions/?q=wid").status == 200
    assert web.get("/search/", REMOTE_ADDR="192.0.2.99").status == 200


def test_without_a_limit_none_is_told(search_index):
    web = site(search_index, WAREHOUSE_LIMITS__SEARCHES_PER_ADDRESS="none")
    assert "ratelimit" not in web.get("/search/").headers


def test_without_a_question_there_are_hints_and_three_examples(web):
    got = web.get("/search/")
    assert names(got) == []
    assert sum(link.startswith("/search/?q=") for link in links(got)) == 3
    assert got.page.text("h1") == "Search"
    (robots,) = [one for one in got.page.all("meta") if one.attributes.get("name") == "robots"]
    assert robots.attributes["content"] == "noindex"


def test_each_result_is_one_link_with_what_tells_it_from_others(web):
    got = web.get("/search/?q=requests")
    assert names(got) == ["requests"]
    words = " ".join(got.page.text("ol").split())
    for said in ("requests 2.0", "HTTP for humans.", "2026-01-01", "1,000,000 downloads", "500 projects depend on it"):
        assert said in words
    (found,) = [one for one in got.page.all("p") if one.attributes.get("role") == "status"]
    assert " ".join(found.text.split()) == "1 project for “requests”"
    assert got.page.text("title").startswith("Results for “requests”")


def test_twenty_results_stand_on_a_page_and_all_can_be_reached(web):
    seen = [name for page in (1, 2, 3) for name in names(web.get(f"/search/?q=widget&page={page}"))]
    assert len(seen) == len(set(seen)) == SEVERAL
    assert web.get("/search/?q=widget&page=3").page.all("ol")[0].attributes["start"] == "41"


def test_orders_are_those_that_people_choose(web):
    def first(order: str) -> str:
        return names(web.get(asked("/search/", ("q", "widget"), ("o", order))))[0]

    assert first("-created") == first("-downloads") == f"widget-{SEVERAL - 1}"
    assert first("name") == "widget-0"
    page = web.get("/search/?q=widget&o=-created").page
    (chosen,) = [option for option in page.all("option") if "selected" in option.attributes]
    assert chosen.attributes["value"] == "-created"


def test_other_pages_ask_for_the_same_in_the_same_order(web):
    pairs = [("c", "Framework"), ("q", "widget & more+"), ("x", "1"), ("c", "Framework"), ("o", "name"), ("x", "2")]
    got = web.get(asked("/search/", *pairs, ("page", "2")).replace("+%26+more%2B", ""))
    pairs[1] = ("q", "widget")
    led = [link for link in links(got) if "page=" in link]
    assert [parse_qsl(link[1:])[:-1] for link in led] == [pairs] * len(led)
    assert [parse_qsl(link[1:])[-1] for link in led] == [("page", n) for n in ("1", "1", "2", "3", "3")]


def test_filters_narrow_what_is_found_and_tell_how_many_are_left(web):
    got = web.get(asked("/search/", ("q", "widget"), ("c", "Framework :: Django")))
    assert "22 projects for “widget”" in " ".join(got.text.replace("<strong>", "").replace("</strong>", "").split())
    boxes = {
        box.attributes["value"]: box.attributes for box in got.page.all("input") if box.attributes.get("name") == "c"
    }
    assert "checked" in boxes["Framework :: Django"] and "checked" not in boxes["Framework :: Django :: 5.2"]
    assert "Framework :: Flask" not in boxes
    opened = [group for group in got.page.all("details") if "open" in group.attributes]
    assert [" ".join(group.text.split()) for group in opened] == ["Framework Django22 5.222"]


def test_an_applied_filter_can_be_taken_away_alone(web):
    pairs = [("q", "widget"), ("c", "Framework :: Flask"), ("o", "name"), ("c", "Typing :: Typed")]
    got = web.get(asked("/search/", *pairs, ("page", "1")))
    badges = [link for link in got.page.all("a") if "Remove" in link.text]
    assert [badge.attributes["title"] for badge in badges] == ["Framework :: Flask", "Typing :: Typed"]
    assert [badge.attributes["href"] for badge in badges] == [
        asked("/search/", pairs[0], *pairs[2:]), asked("/search/", *pairs[:3]),
    ]  # fmt: skip


def test_the_box_at_the_top_goes_on_with_order_and_filters(web):
    got = web.get(asked("/search/", ("q", "widget"), ("c", "Framework"), ("o", "name")))
    (box,) = [one for one in got.page.all("input") if one.attributes.get("id") == "q"]
    assert box.attributes["value"] == "widget"
    hidden = [one.attributes for one in got.page.all("input") if one.attributes.get("type") == "hidden"]
    assert [(one["name"], one["value"]) for one in hidden][:2] == [("o", "name"), ("c", "Framework")]


def test_a_misspelt_name_leads_to_the_one_that_is_meant(web):
    got = web.get(asked("/search/", ("x", "1"), ("q", "reqeusts"), ("page", "1")))
    (meant,) = [link for link in got.page.all("a") if link.text == "requests"]
    assert meant.attributes["href"] == "/search/?q=requests&x=1"
    assert web.get("/api/search/?q=reqeusts").json["did_you_mean"] == "requests"


def test_nothing_found_says_what_to_do(web):
    assert "Use other words" in web.get("/search/?q=qqqqzzzz7719").text
    assert "Take away a filter" in web.get("/search/?q=qqqqzzzz7719&c=Framework").text


def test_programs_get_what_people_see(web):
    got = web.get("/api/search/?q=requests", HTTP_ACCEPT="text/html")
    assert got.headers["content-type"] == "application/json"
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.json == {
        "query": "requests", "order": "relevance", "page": 1, "pages": 1, "per_page": 20, "total": 1,
        "total_is_exact": True, "did_you_mean": None, "classifiers": {},
        "results": [
            {
                "name": "requests", "version": "2.0", "summary": "HTTP for humans.",
                "released_at": "2026-01-01T00:00:00+00:00", "downloads": 1000000, "dependents": 500,
                "url": "http://index.test/project/requests/", "simple_url": "http://index.test/simple/requests/",
            }
        ],
    }  # fmt: skip
    filtered = web.get(asked("/api/search/", ("c", "Framework :: Flask"), ("o", "-created"), ("page", "2"))).json
    assert (filtered["total"], filtered["page"], filtered["pages"], filtered["order"]) == (23, 2, 2, "newest")
    assert filtered["classifiers"]["Typing :: Typed"] == 23
    assert web.get("/api/search/?page=x").headers["access-control-allow-origin"] == "*"


def test_suggestions_are_what_browsers_read(web):
    got = web.get("/search/suggestions/?q=reque")
    assert got.headers["content-type"] == "application/x-suggestions+json"
    assert got.json == ["reque", ["requests"], ["HTTP for humans."], ["http://index.test/project/requests/"]]
    assert web.get("/search/suggestions/?q=+").json == [" ", [], [], []]
    assert web.get("/search/suggestions/").json == ["", [], [], []]
    assert len(web.get("/search/suggestions/?q=w").json[1]) == 8
    assert web.get("/search/suggestions/?q=" + "x" * 1001).status == 413


def test_words_of_strangers_stay_words(web):
    for pairs in (
        [("q", EVIL)], [("q", "evil")], [("c", EVIL)], [("q", "widget"), ("o", EVIL)], [("q", EVIL), ("page", EVIL)],
        [("q", "widget"), (EVIL, EVIL), ("c", EVIL)], [("q", "widget"), (EVIL, EVIL)],
    ):  # fmt: skip
        got = web.get(asked("/search/", *pairs))
        assert "<script>alert" not in got.text and "<img" not in got.text
        for element in got.page.elements:
            assert not any(name.startswith("on") for name in element.attributes)
            target = element.attributes.get("href") or element.attributes.get("action") or ""
            assert not target.lower().startswith("javascript:")
        for path in ("/api/search/", "/search/suggestions/"):
            told = web.get(asked(path, *pairs))
            assert told.headers["content-type"].startswith("application/")
            assert told.headers["x-content-type-options"] == "nosniff"


def test_strangers_do_not_search_a_private_index(index: Index, search_index: Tools):
    private = site(search_index, WAREHOUSE_ACCESS__READ="signed_in")
    for path in ("/search/", "/search/suggestions/", "/classifiers/"):
        assert private.get(path).status == 303
    refused = private.get("/api/search/?q=requests")
    assert refused.status == 401 and refused.headers["www-authenticate"].startswith("Basic")
    assert private.get("/api/search/", HTTP_AUTHORIZATION="Basic x").status == 401
    token = basic("__token__", index.token(index.user("ada")))
    assert private.get("/api/search/?q=requests", HTTP_AUTHORIZATION=token).json["total"] == 1


def test_strangers_who_search_cost_the_database_nothing(web, search_index):
    said: list[str] = []
    event.listen(search_index.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    for path in (*BOTH, "/search/suggestions/", "/classifiers/"):
        assert web.get(asked(path, ("q", "widget"))).status == 200
    assert said == []


def test_what_everybody_gets_is_compressed(web):
    for path, coding in (("/search/?q=widget", "gzip"), ("/api/search/?q=widget", "zstd")):
        got = web.get(path, HTTP_ACCEPT_ENCODING=coding)
        assert got.headers["content-encoding"] == coding
        assert "Accept-Encoding" in got.headers["vary"]
        assert int(got.headers["content-length"]) == len(got.body) < len(web.get(path).body)


def test_all_classifiers_are_listed_with_the_projects_that_have_them(web, tools):
    got = web.get("/classifiers/")
    listed = [code.text for code in got.page.all("code")]
    assert listed[3:] == sorted(listed[3:], key=naturally) and len(listed) > 800
    counts = {link.attributes["href"]: link.text.strip() for link in got.page.all("a")}
    assert counts["/search/?c=Framework+%3A%3A+Flask"] == "23 projects"
    assert counts["/search/?c=Framework+%3A%3A+Plone"] == "1 project"
    assert counts["/search/?c=Framework+%3A%3A+Bottle"] == "0 projects"
    assert "Private ::" in got.text and not any(text.startswith("Private :: ") for text in listed[3:])


def test_the_list_of_classifiers_does_without_the_search(tools):
    got = site(tools).get("/classifiers/")
    assert got.status == 200
    counts = {link.attributes["href"]: link.text.strip() for link in got.page.all("a")}
    assert counts["/search/?c=Framework+%3A%3A+Flask"] == "Search"
