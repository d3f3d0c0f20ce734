"""What the home page tells, and whom."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from tests.builders import wheel
from tests.index import Index
from tests.web.client import Client, site
from warehouse.web.pages.home import page as home
from warehouse.work import Tools


def counts(web: Client) -> list[str]:
    return [element.text for element in web.get("/").page.all("dd")]


def test_an_empty_index_says_so_and_where_the_first_start_link_is(web: Client) -> None:
    got = web.get("/")
    assert got.status == 200
    assert got.headers["content-type"] == "text/html; charset=UTF-8"
    assert "Nothing was published yet" in got.text
    assert "first-start link" in got.page.text("aside")
    assert counts(web) == ["0", "0", "0", "0"]


def test_an_index_with_an_administrator_does_not_speak_of_the_link(index: Index, web: Client) -> None:
    index.user("ada", administrator=True)
    assert web.get("/").page.all("aside") == []


def test_what_was_released_last_is_shown_first_and_each_project_once(index: Index, web: Client) -> None:
    ada = index.user("ada")
    for name, version in (("other", "0.1"), ("Demo.Project", "1.0"), ("Demo.Project", "2.0")):
        assert index.upload(wheel(name, version), by=ada).status == 200
    assert counts(web) == ["2", "3", "3", "1"]
    page = web.get("/").page
    names = [element.text for element in page.all("p") if element.attributes.get("class") == "projects__name"]
    latest, newest = names[:2], names[2:]
    assert latest == ["Demo.Project 2.0", "other 0.1"]
    assert newest == ["Demo.Project 2.0", "other 0.1"]
    assert {"href": "/project/Demo.Project/"} in [element.attributes for element in page.all("a")]
    assert page.all("time")[0].text == "just now"


def test_projects_in_quarantine_are_not_shown(index: Index, web: Client) -> None:
    assert index.upload(wheel("demo", "1.0"), by=index.user("ada")).status == 200
    index.change_project("demo", status="quarantined")
    assert "demo" not in web.get("/").page.text("main")


def test_only_the_newest_are_shown(index: Index, web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "SHOWN", 2)
    ada = index.user("ada")
    for number in range(3):
        assert index.upload(wheel(f"demo-{number}", "1.0"), by=ada).status == 200
    assert len(web.get("/").page.all("time")) == 4


def test_a_large_index_begins_with_its_projects(index: Index, web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert index.upload(wheel("demo", "1.0"), by=index.user("ada")).status == 200
    assert "home--large" not in web.get("/").text
    monkeypatch.setattr(home, "FEW", 0)
    assert "home--large" in web.get("/").text


def test_strangers_learn_nothing_of_the_contents_when_reading_takes_signing_in(index: Index, tools: Tools) -> None:
    assert index.upload(wheel("demo", "1.0"), by=index.user("ada")).status == 200
    page = site(tools, WAREHOUSE_ACCESS__READ="signed_in").get("/").page
    assert page.all("dd") == [] and page.all("time") == []
    assert "demo" not in page.source
    assert page.commands[0] == (
        "pip install --trusted-host index.test --index-url http://__token__:TOKEN@index.test/simple/ NAME"
    )


def test_commands_name_the_address_that_the_visitor_used(web: Client) -> None:
    assert web.get("/", HTTP_HOST="packages.example.org", **{"wsgi.url_scheme": "https"}).page.commands == [
        "pip install --index-url https://packages.example.org/simple/ NAME",
        "uv pip install --default-index https://packages.example.org/simple/ NAME",
        "twine upload --repository-url https://packages.example.org/legacy/ dist/*",
        "uv publish --publish-url https://packages.example.org/legacy/ dist/*",
    ]


def test_commands_name_the_address_that_the_operator_set(tools: Tools) -> None:
    web = site(tools, WAREHOUSE_SITE__URL="https://example.org/python/")
    commands = web.get("/", HTTP_HOST="10.0.0.7:8080").page.commands
    assert commands[0] == "pip install --index-url https://example.org/python/simple/ NAME"
    assert commands[2] == "twine upload --repository-url https://example.org/python/legacy/ dist/*"


@pytest.mark.parametrize(
    ("host", "trusted"),
    [("127.0.0.1:8080", True), ("localhost:8080", True), ("[::1]:8080", True), ("10.0.0.7", False), ("pip.lan", False)],
)
def test_pip_is_told_to_trust_a_host_without_tls(web: Client, host: str, trusted: bool) -> None:
    command = web.get("/", HTTP_HOST=host).page.commands[0]
    assert (f"--trusted-host {host} " not in command) is trusted


def test_the_name_of_the_site_is_text_whatever_it_holds(tools: Tools) -> None:
    page = site(tools, WAREHOUSE_SITE__NAME="<b>Ada & co").get("/").page
    assert page.text("h1") == "<b>Ada & co"
    assert page.all("b") == []


def test_the_page_takes_as_many_queries_for_many_files_as_for_one(index: Index, tools: Tools, web: Client) -> None:
    statements: list[str] = []
    event.listen(tools.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    ada = index.user("ada")
    taken = []
    for versions in (["1.0"], ["2.0", "3.0", "4.0"]):
        for version in versions:
            assert index.upload(wheel("demo", version), by=ada).status == 200
        statements.clear()
        web.get("/")
        taken.append(len(statements))
    assert taken == [4, 4]


@pytest.mark.parametrize(("counted", "told"), [(10_001, 10_000), (35_652, 36_000), (999_999, 1_000_000), (3, 3)])
def test_an_estimate_has_two_digits(counted: int, told: int) -> None:
    assert home.roughly(counted) == told


def test_large_counts_are_estimates(index: Index, web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "COUNTED_UP_TO", 2)
    ada = index.user("ada")
    for version in ("1.0", "2.0", "3.0"):
        assert index.upload(wheel("demo", version), by=ada).status == 200
    assert counts(web) == ["1", "about 3", "about 3", "1"]
