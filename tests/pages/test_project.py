"""The page of a project and of a release: what is shown, to whom, and at which address."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import event, text

from tests.builders import sdist, wheel
from tests.index import Index
from tests.web.browser import Browser
from tests.web.client import Client, Got, Page, site
from warehouse.operations.projects import find_project
from warehouse.operations.releases import find_release, yank_release
from warehouse.work import Tools


@pytest.fixture
def web(tools: Tools) -> Client:
    return site(tools, WAREHOUSE_SITE__URL="https://index.test")


def publish(index: Index, *dists: object) -> None:
    ada = index.user("ada") if "ada" not in index._tokens else None
    for dist in dists:
        answer = index.upload(dist, by=ada) if ada else index.upload(dist, token=index._tokens["ada"])
        assert answer.status == 200, answer.body


def words(page: Page, css_class: str) -> list[str]:
    """The texts of the elements with this class, white space made plain."""
    return [
        " ".join(element.text.split())
        for element in page.elements
        if css_class in (element.attributes.get("class") or "").split()
    ]


def links(page: Page) -> dict[str, str]:
    return {" ".join(each.text.split()): each.attributes.get("href") or "" for each in page.all("a")}


def lines(page: Page) -> list[str]:
    """The history, as text."""
    _, *lists = page.source.split('<ol class="past-list">')
    items = [item for each in lists for item in each.partition("</ol>")[0].split("</li>")[:-1]]
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", item)).split()) for item in items]


def title(got: Got) -> str:
    assert got.status == 200, got.text
    return got.page.text("h1")


def test_the_newest_final_release_is_shown_and_a_release_by_its_own_address(index: Index, web: Client) -> None:
    publish(index, *(wheel("Demo.Project", version) for version in ("1.0", "2.0", "3.0rc1", "1.5")))
    assert title(web.get("/project/Demo.Project/")) == "Demo.Project 2.0"
    assert title(web.get("/project/Demo.Project/1.0/")) == "Demo.Project 1.0"


def test_what_was_withdrawn_is_shown_when_there_is_nothing_else(index: Index, web: Client) -> None:
    publish(index, *(wheel("demo", version) for version in ("1.0", "2.0", "3.0rc1")))
    yanked, quarantined = "yanked_at = now()", "is_quarantined = true, yanked_at = NULL"
    for version, change, shown in (
        ("2.0", yanked, "1.0"),
        ("1.0", yanked, "3.0rc1"),
        ("3.0rc1", yanked, "2.0"),
        ("2.0", quarantined, "1.0"),
        ("3.0rc1", quarantined, "1.0"),
        ("1.0", quarantined, "2.0"),
    ):
        with index.work() as work:
            work.db.execute(text(f"UPDATE releases SET {change} WHERE version = '{version}'"))
        assert title(web.get("/project/demo/")) == f"demo {shown}"


def test_other_spellings_lead_to_the_right_one_in_one_step(index: Index, web: Client) -> None:
    publish(index, wheel("Demo.Project", "1.0"))
    for asked, right in (
        ("/project/demo-project/", "/project/Demo.Project/"),
        ("/project/Demo.Project/1/", "/project/Demo.Project/1.0/"),
        ("/project/DEMO_project/v1.0.0/", "/project/Demo.Project/1.0/"),
        ("/project/Demo.Project", "/project/Demo.Project/"),
    ):
        got = web.get(asked)
        assert (got.status, got.leads_to) == (301, right)


def test_what_is_not_there_is_not_found(index: Index, web: Client) -> None:
    publish(index, wheel("demo", "1.0"))
    for path in ("/project/nothing/", "/project/demo/9/", "/project/-/", "/project/d\x00/", "/project/demo/1\x00/"):
        assert web.get(path).status == 404
    with index.work() as work:
        work.db.execute(text("DELETE FROM releases"))
    got = web.get("/project/demo/")
    assert got.status == 404 and "demo has no releases." in got.text


def test_the_page_says_what_the_release_says_of_itself(index: Index, web: Client) -> None:
    publish(
        index,
        wheel(
            "demo",
            "1.0",
            summary="Tells <b>tides</b>",
            keywords="sea;tide ; 'moon'",
            license_expression="MIT OR Apache-2.0",
            requires_python=">=3.10",
            author_email="Ada Lovelace <ada@example.org>",
            provides_extra=["plot"],
            requires_dist=["idna<4,>=3", "rich; extra == 'plot' and os_name == 'nt'"],
            classifier=["Programming Language :: Python :: 3.9", "Programming Language :: Python :: 3.10"],
            project_url=["Source, https://code.example/ada/demo", "Docs, https://docs.example/"],
        ),
        sdist("idna", "3.1"),
    )
    page = web.get("/project/demo/").page
    found = links(page)
    assert words(page, "project__summary") == ["Tells <b>tides</b>"]
    assert found["MIT"] == "https://spdx.org/licenses/MIT.html"
    assert found["Ada Lovelace"] == "mailto:ada@example.org"
    assert found["Source"] == "https://code.example/ada/demo"
    assert found["idna"] == "/project/idna/"
    assert found["tide"] == "/search/?q=tide"
    assert found["Python :: 3.10"] == "/search/?c=Programming%20Language%20%3A%3A%20Python%20%3A%3A%203.10"
    assert words(page, "need") == ["idna >=3, <4", 'rich if os_name == "nt"']
    strip = " | ".join(words(page, "trust__one"))
    assert "Source code code.example/ada/demo not verified" in strip
    assert "Provenance None published" in strip
    assert "Maintainers ada" in strip
    assert "Python Python 3.10+" in strip
    assert "License MIT OR Apache-2.0" in strip


def test_links_that_are_not_on_the_web_are_not_shown_and_none_is_followed_by_robots(index: Index, web: Client) -> None:
    publish(index, wheel("demo", "1.0"))
    with index.work() as work:
        urls = '[{"label": "Bad", "url": "javascript:alert(1)"}, {"label": "Home page", "url": "https://b.example/"}]'
        work.db.execute(text("UPDATE releases SET project_urls = CAST(:urls AS jsonb)"), {"urls": urls})
        work.db.execute(text("UPDATE releases SET home_page = 'https://a.example/', download_url = 'data:,x'"))
    page = web.get("/project/demo/").page
    assert "javascript:" not in page.source and "data:,x" not in page.source
    assert "https://a.example/" not in page.source, "a listed link with the same label stands for it"
    (outside,) = [each for each in page.all("a") if each.attributes.get("href") == "https://b.example/"]
    assert outside.attributes["rel"] == "nofollow noopener"


def test_each_tool_has_its_command_and_a_release_is_asked_for_exactly(index: Index, web: Client) -> None:
    publish(index, wheel("demo", "1!2.0"))
    assert [line.splitlines() for line in web.get("/project/demo/").page.commands] == [
        ["pip install --index-url https://index.test/simple/ demo"],
        ["uv add --default-index https://index.test/simple/ demo"],
        [
            "poetry source add --priority primary warehouse https://index.test/simple/",
            "poetry add demo",
        ],
        ["pdm config --local pypi.url https://index.test/simple/", "pdm add demo"],
    ]
    pinned = web.get("/project/demo/1!2.0/").page.commands
    assert pinned[0] == "pip install --index-url https://index.test/simple/ 'demo==1!2.0'"


def test_only_what_weighs_most_is_said_first(index: Index, web: Client) -> None:
    publish(index, wheel("demo", "1.0rc1"), wheel("demo", "0.9"))
    project, release = "UPDATE projects SET status_reason = 'odd', status =", "UPDATE releases SET"
    for change, told in (
        ("SELECT 1", "This is a pre-release."),
        (f"{project} 'deprecated'", "This project is deprecated."),
        (f"{project} 'archived'", "This project is archived."),
        (f"{release} yanked_at = now(), yanked_reason = 'odd'", "This release was yanked."),
        (f"{release} is_quarantined = true WHERE version = '1.0rc1'", "This release is in quarantine."),
        (f"{project} 'quarantined'", "This project is in quarantine."),
    ):
        with index.work() as work:
            work.db.execute(text(change))
        page = web.get("/project/demo/1.0rc1/").page
        (banner,) = words(page, "status")
        assert banner.startswith(told)
        assert ("The reason that was given: odd" in banner) is ("odd" in change)
        assert bool(page.commands) is ("quarantine" not in told)
        assert ("/packages/" in page.source) is ("quarantine" not in told)


def test_a_project_that_has_only_just_come_is_not_for_search_engines(index: Index, web: Client) -> None:
    publish(index, wheel("demo", "1.0"))
    assert web.get("/project/demo/").headers["x-robots-tag"] == "noindex"
    with index.work() as work:
        work.db.execute(text("UPDATE projects SET created_at = now() - interval '31 days'"))
    got = web.get("/project/demo/1.0/")
    assert "x-robots-tag" not in got.headers
    assert '<link rel="canonical" href="https://index.test/project/demo/">' in got.text
    assert 'href="/rss/project/demo/releases.xml"' in got.text


def test_wheels_can_be_filtered_by_the_address(index: Index, web: Client) -> None:
    tags = ["cp310-cp310-win_amd64", "cp311-cp311-win_amd64", "cp311-cp311-musllinux_1_2_x86_64", "py3-none-any"]
    publish(
        index,
        *(wheel("demo", "1.0", tag=tag) for tag in [*tags, "pp310-pypy310_pp73-win_amd64", "cp39-cp39-linux_x86_64"]),
        sdist("demo", "1.0"),
    )
    assert len(words(web.get("/project/demo/").page, "release-file__name")) == 7
    got = web.get("/project/demo/?interpreters=cp3&platforms=win")
    assert words(got.page, "release-file__name") == [
        "demo-1.0.tar.gz",
        "demo-1.0-cp311-cp311-win_amd64.whl",
        "demo-1.0-cp310-cp310-win_amd64.whl",
    ]
    chosen = [each.text for each in got.page.all("option") if "selected" in each.attributes]
    assert chosen == ["cp3", "win"], "the form says what is asked"
    assert "No file has all of that." in web.get("/project/demo/?abis=none&platforms=win").text


def test_the_history_tells_every_release_with_what_became_of_it(index: Index, web: Client) -> None:
    publish(index, *(wheel("demo", version) for version in ("1.0", "1.1", "2.0a1")))
    with index.work() as work:
        demo = find_project(work, "demo")
        yank_release(work, demo, find_release(work, demo, "1.0"), reason="wrong <tide>")
    page = web.get("/project/demo/").page
    past = lines(page)
    assert len(past) == 3
    assert past[0].startswith("2.0a1 Pre-release")
    assert past[2].startswith("1.0 Yanked") and past[2].endswith("wrong <tide>")
    assert links(page)["1.0"] == "/project/demo/1.0/"
    compared = [href for href in links(page).values() if "..." in href]
    assert compared == ["/project/demo/compare/1.1...2.0a1/", "/project/demo/compare/1.0...1.1/"]


def test_the_page_takes_as_many_queries_for_300_releases_as_for_one(index: Index, tools: Tools, web: Client) -> None:
    publish(index, wheel("demo", "1.0", requires_dist=["idna"]))
    statements: list[str] = []
    event.listen(tools.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    web.get("/project/demo/")
    for_one = len(statements)
    many_releases(index, 300, files=1)
    statements.clear()
    page = web.get("/project/demo/").page
    assert len(lines(page)) == 301
    assert len(statements) == for_one <= 7


def test_only_collaborators_are_led_to_managing_it(index: Index, tools: Tools) -> None:
    publish(index, wheel("demo", "1.0"))
    index.user("eve")
    web = site(tools)
    place = "/_includes/authed/edit-project-button/demo"
    assert web.get(place).status == 403
    for username, status in (("eve", 403), ("ada", 200)):
        browser = Browser(web)
        browser.sign_in(username, "correct horse")
        assert browser.open(place).status == status
    index.change_project("demo", status="archived")
    assert 'href="/manage/projects/"' in browser.open(place).text, "it may be wanted back"
    assert web.get("/project/demo/").text.count("/_includes/authed/edit-project-button/demo") == 1


def test_where_reading_takes_signing_in_strangers_are_sent_there(index: Index, tools: Tools) -> None:
    publish(index, wheel("demo", "1.0"))
    web = site(tools, WAREHOUSE_ACCESS__READ="signed_in")
    assert web.get("/project/demo/").leads_to == "/account/login/?next=%2Fproject%2Fdemo%2F"


def test_a_page_for_everybody_names_its_project_to_caches(index: Index, tools: Tools) -> None:
    publish(index, wheel("Demo", "1.0"))
    web = site(tools, WAREHOUSE_PROFILE="public", WAREHOUSE_CDN__BACKEND="fastly")
    headers = web.get("/project/Demo/").headers
    assert "project/demo" in headers["surrogate-key"].split()
    assert headers["surrogate-control"] == "max-age=3600, stale-if-error=432000"


def test_downloads_are_told_as_they_were_counted(index: Index, web: Client) -> None:
    publish(index, wheel("demo", "1.0"))
    assert "No downloads were counted" in web.get("/project/demo/").text
    with index.work() as work:
        work.db.execute(text("INSERT INTO recent_downloads VALUES ('demo', 7, 50, 1234, '2026-07-01')"))
        work.db.execute(text("INSERT INTO download_shares VALUES ('2026-06-30', 'demo', 'day', '', 7, 3)"))
        work.db.execute(text("INSERT INTO dependent_counts VALUES ('demo', 1)"))
    shown = web.get("/project/demo/").text
    assert "7 in all, at most 7 on 2026-06-30." in shown and "up to 2026-06-30;" in shown
    strip = " | ".join(words(web.get("/project/demo/").page, "trust__one"))
    assert "Used by 1 project here" in strip and "Downloads 1,234 a month" in strip


def many_releases(index: Index, number: int, *, files: int) -> None:
    """More releases of demo, each with so many files, put into the tables outright."""
    with index.work() as work:
        work.db.execute(text(_RELEASES), {"number": number})
        work.db.execute(text(_FILES), {"files": files})


_RELEASES = """
    INSERT INTO releases
        (project_id, version, canonical_version, version_key, is_prerelease, metadata_version, created_at)
    SELECT id, '0.' || n, '0.' || n, decode(lpad(to_hex(n), 8, '0'), 'hex'), false, '2.1', now() - n * interval '1 day'
    FROM projects, generate_series(1, :number) AS n WHERE normalized_name = 'demo'
"""
_FILES = """
    INSERT INTO files (project_id, release_id, filename, packagetype, python_version, size, md5, sha256, blake2_256)
    SELECT project_id, id, 'demo-' || version || '-' || n || '-py3-none-any.whl', 'bdist_wheel', 'py3', 1000, '',
        encode(sha256(convert_to(version || ' ' || n, 'UTF8')), 'hex'),
        encode(sha256(convert_to(version || '/' || n, 'UTF8')), 'hex')
    FROM releases, generate_series(1, :files) AS n WHERE version LIKE '0.%'
"""
