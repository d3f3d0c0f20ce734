"""The page of those who depend on a project."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from tests.dependents.test_following import published
from tests.web.client import site

PATH = "/project/base/dependents/"


@pytest.fixture
def web(tools):
    published(
        tools,
        ("base", "1"),
        ("ann", "1", "base>=1"),
        ("bea", "2", "base"),
        ("cat", "1", "base[x]<2; extra=='fast'"),
    )
    return site(tools)


def listed(got):
    return [one.text for one in got.page.all("p") if one.attributes.get("class") == "projects__name"]


def test_it_lists_who_depends_on_a_project_and_which_versions_they_take(web):
    got = web.get(PATH)
    assert got.status == 200
    assert listed(got) == ["ann 1", "bea 2"]
    main = got.page.text("main")
    assert "requires >=1" in main and "accepts any version" in main and "Always 2" in main


def test_those_who_need_it_for_an_extra_have_a_list_of_their_own(web):
    got = web.get(f"{PATH}?with=extra")
    assert listed(got) == ["cat 1"]
    assert "requires <2" in got.page.text("main") and "for fast" in got.page.text("main")


def test_a_project_that_nobody_depends_on_says_so(web):
    assert "Nothing here depends on it." in web.get("/project/ann/dependents/").page.text("main")
    assert "Nothing here needs it for an extra only." in web.get("/project/ann/dependents/?with=extra").text


def test_other_spellings_lead_to_the_right_one(web):
    got = web.get("/project/BASE/dependents/")
    assert (got.status, got.leads_to) == (301, PATH)


def test_what_nobody_can_mean_is_answered_in_a_sentence(web):
    for path, status in (
        ("/project/nothing/dependents/", 404),
        ("/project/\x00/dependents/", 404),
        (f"/project/{'x' * 3000}/dependents/", 404),
        (f"{PATH}?page=21", 404),
        (f"{PATH}?page=0", 400),
        (f"{PATH}?page=x", 400),
        (f"{PATH}?page=20", 200),
        (f"{PATH}?with=%00", 200),
    ):
        assert web.get(path).status == status, path


def test_long_lists_have_pages(tools):
    published(tools, ("base", "1"), *((f"p{number:03}", "1", "base") for number in range(51)))
    web = site(tools)
    assert len(listed(web.get(PATH))) == 50
    second = web.get(f"{PATH}?page=2")
    assert listed(second) == ["p050 1"]
    assert "?page=1" in [link.attributes["href"] for link in second.page.all("a")]


def test_it_takes_three_queries_however_many_there_are(tools, web):
    def statements():
        seen = []
        listen = (tools.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        event.listen(*listen)
        try:
            assert web.get(PATH).status == 200
        finally:
            event.remove(*listen)
        return len(seen)

    few = statements()
    published(tools, *((f"more{number}", "1", "base") for number in range(20)))
    assert statements() == few == 3
