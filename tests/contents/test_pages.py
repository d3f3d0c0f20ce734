"""The pages about what is inside files, and about what changed between them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from sqlalchemy import event, text

from tests.builders import Dist, sdist, wheel
from tests.contents.files import put, run_jobs
from tests.web.client import Client, Got, site
from warehouse.work import OPERATOR, Tools, begin

WHEEL = "/project/demo/1.0/files/demo-1.0-py3-none-any.whl/contents/"
SDIST = "/project/demo/1.0/files/demo-1.0.tar.gz/contents/"
COMPARISON = "/project/demo/compare/1.0...1.1/"


@pytest.fixture
def web(tools: Tools) -> Client:
    return site(tools)


def seen(tools: Tools, web: Client, path: str) -> Got:
    """The page, once it has been prepared."""
    for _ in range(4):
        got = web.get(path)
        if got.status != 202 and "refresh" not in got.headers:
            return got
        assert got.headers["cache-control"] == "no-store"
        assert run_jobs(tools)
    raise AssertionError("It is never ready.")


def links(got: Got) -> dict[str, str | None]:
    return {" ".join(one.text.split()): one.attributes["href"] for one in got.page.all("a")}


def test_the_first_look_has_the_file_unpacked_and_the_page_comes_by_itself(tools: Tools, web: Client) -> None:
    put(tools, wheel(files={"demo/__init__.py": "x = 1\n", "demo/core.py": "y = 2\n" * 3}))
    got = web.get(WHEEL)
    assert (got.status, got.headers["retry-after"], got.headers["refresh"]) == (202, "3", "3")
    assert got.headers["x-robots-tag"] == "noindex"
    assert "It is being unpacked." in got.page.text("main")
    assert any("again.js" in (one.attributes["src"] or "") for one in got.page.all("script"))
    run_jobs(tools)
    got = web.get(WHEEL)
    assert got.status == 200 and got.headers["x-robots-tag"] == "noindex"
    assert links(got)["core.py"] == f"{WHEEL}demo/core.py"
    assert "demo/" in got.page.text("main") and "3 lines" in got.page.text("main")


def test_a_text_is_shown_in_colours_with_lines_to_point_at(tools: Tools, web: Client) -> None:
    put(tools, wheel(files={"demo.py": "def f():\n    return '<b>'\n"}))
    got = seen(tools, web, f"{WHEEL}demo.py")
    assert got.status == 200
    (listing,) = got.page.all("pre")
    assert listing.text == "1def f():\n2    return '<b>'\n"
    assert 'id="L2"' in got.text and '<span class="k">def</span>' in got.text
    assert got.page.text("h1") == "demo.py"


def test_other_spellings_lead_to_the_right_address(tools: Tools, web: Client) -> None:
    put(tools, wheel(files={"a/ü b.py": "1"}), name="Demo")
    right = WHEEL.replace("/demo/", "/Demo/", 1)
    for wrong in (WHEEL, right.replace("/1.0/", "/1.0.0/")):
        assert web.get(wrong).leads_to == right
        assert web.get(f"{wrong}a/ü b.py".encode().decode("latin-1")).leads_to == f"{right}a/%C3%BC%20b.py"


NOWHERE = (
    "/project/demo/1.0/files/other-1.0.tar.gz/contents/",
    "/project/other/1.0/files/demo-1.0.tar.gz/contents/",
    "/project/de\x00mo/1.0/files/demo-1.0.tar.gz/contents/",
    "/project/demo/1.0/files/demo\x00/contents/",
    f"{WHEEL}nothing.py",
    f"{WHEEL}de\x00mo.py",
    f"{WHEEL}../../../../etc/passwd",
    f"{WHEEL}{'a/' * 2000}b",
    "/project/demo/compare/1.0...9/",
    "/project/demo/compare/\x00...1.0/",
    f"/project/demo/compare/{'1' * 9000}...1.0/",
    "/project/other/compare/",
    "/project/demo/compare/?old=1.0&new=7",
)


def test_what_is_not_there_is_not_found(tools: Tools, web: Client) -> None:
    put(tools, wheel())
    seen(tools, web, WHEEL)
    assert [path for path in NOWHERE if web.get(path).status != 404] == []


def test_what_is_in_quarantine_is_not_found(tools: Tools, web: Client) -> None:
    put(tools, wheel()), put(tools, wheel(version="1.1"), version="1.1")
    seen(tools, web, WHEEL)
    with begin(tools, OPERATOR) as work:
        work.db.execute(text("UPDATE projects SET status = 'quarantined'"))
    assert [web.get(path).status for path in (WHEEL, f"{WHEEL}demo.py", COMPARISON, "/project/demo/compare/")] == [
        404
    ] * 4


def test_where_it_is_switched_off_there_is_none_of_it(tools: Tools) -> None:
    put(tools, wheel()), put(tools, wheel(version="1.1"), version="1.1")
    off = site(tools, WAREHOUSE_CONTENTS__ENABLED="false")
    assert [off.get(path).status for path in (WHEEL, COMPARISON, "/project/demo/compare/")] == [404] * 3


def test_only_those_who_may_read_the_index_see_inside(tools: Tools) -> None:
    put(tools, wheel())
    got = site(tools, WAREHOUSE_ACCESS__READ="signed_in").get(WHEEL)
    assert (got.status, got.leads_to.partition("?")[0]) == (303, "/account/login/")


def test_one_who_has_looked_into_too_many_is_told_to_wait(tools: Tools) -> None:
    web = site(tools, WAREHOUSE_LIMITS__UNPACKINGS_PER_ADDRESS="1 per hour")
    put(tools, wheel()), put(tools, sdist())
    assert [web.get(path).status for path in (WHEEL, WHEEL, SDIST)] == [202, 202, 429]


def test_a_file_that_cannot_be_unpacked_says_why(tools: Tools, web: Client) -> None:
    put(tools, Dist("demo-1.0.tar.gz", b"hello", b"", "sdist", "source"))
    got = seen(tools, web, SDIST)
    assert got.status == 200
    assert "It is not a gzip-compressed tar file." in got.page.text("main")


def test_members_that_deserve_a_look_are_named_first(tools: Tools, web: Client) -> None:
    put(tools, wheel(files={"demo.pth": "import os", "demo/_fast.so": b"\x7fELF\0", "demo/a.py": ""}))
    (remarked,) = [
        one for one in seen(tools, web, WHEEL).page.all("section") if one.attributes.get("class") == "remarked"
    ]
    assert "demo.pth" in remarked.text and "demo/_fast.so" in remarked.text and "a.py" not in remarked.text
    assert "It is not a text." in web.get(f"{WHEEL}demo/_fast.so").page.text("main")


HOSTILE = {
    '<script>alert("x")</script>.py': "<script>alert(1)</script>",
    "a\u202egnp.py": "if admin:\u202e\u2066 pass",
    '" onmouseover="x': "'",
    "javascript:alert(1)": "1",
    "{{ 7*7 }}.html": "{{ 7*7 }}",
    "a?b#c%2e&d": "1",
    "deep/" * 400 + "x.py": "1",
    "a\\b.py": "1",
    "long.py": "x" * 300_000,
    "\x01\x1b[31m.txt": "\x1b[31m",
}


def test_whatever_names_and_texts_say_is_shown_and_does_nothing(tools: Tools, web: Client) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in HOSTILE.items():
            info = tarfile.TarInfo(f"demo-1.0/{path}")
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    put(tools, Dist("demo-1.0.tar.gz", buffer.getvalue(), b"", "sdist", "source"))
    got = seen(tools, web, SDIST)
    members = [one.attributes["href"] or "" for one in got.page.all("a") if one.attributes.get("class") == "tree__name"]
    assert len(members) == len(HOSTILE)
    for path in members:
        assert path.startswith(f"{SDIST}demo-1.0/")
        page = web.get("/", PATH_INFO=unquote_to_bytes(path).decode("latin-1"))
        assert page.status == 200, path
        check_harmless(page)
    check_harmless(got)
    assert "a⟨U+202E⟩gnp.py" in got.text


def check_harmless(got: Got) -> None:
    assert not set(got.text) & set("\u202e\u2066\x1b\x01")
    assert all(one.attributes["type"] == "module" and not one.text for one in got.page.all("script"))
    for element in got.page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        assert not (element.attributes.get("href") or "").startswith("javascript:")


@pytest.fixture
def releases(tools: Tools) -> None:
    put(
        tools,
        wheel(files={"demo/a.py": "a = 1\nb = 2\n", "demo/gone.py": "1\n", "demo/same.py": "s"}),
    )
    put(
        tools,
        wheel(version="1.1", files={"demo/a.py": "a = 1\nb = 3\n", "demo/new.py": "1\n2\n", "demo/same.py": "s"}),
        version="1.1",
    )
    put(tools, sdist()), put(tools, sdist(version="1.1", files={"setup.py": "exec('')"}), version="1.1")


@pytest.mark.usefixtures("releases")
def test_two_releases_are_compared_file_by_file(tools: Tools, web: Client) -> None:
    got = seen(tools, web, COMPARISON)
    main = got.page.text("main")
    assert got.page.text("h1") == "demo: what changed from 1.0 to 1.1"
    assert "demo-1.0-py3-none-any.whl → demo-1.1-py3-none-any.whl" in main
    assert links(got)["demo/a.py"] == f"{COMPARISON}demo/a.py"
    assert links(got)["demo/gone.py"] == f"{COMPARISON}demo/gone.py"
    rows = [" ".join(row.text.split()) for row in got.page.all("tr")]
    assert any(row.startswith("demo/a.py changed +1 −1") for row in rows)
    assert any(row.startswith("demo/new.py added +2") for row in rows)
    assert any(row.startswith("demo/gone.py removed −1") for row in rows)


@pytest.mark.usefixtures("releases")
def test_what_changed_in_one_member_is_shown_line_by_line(tools: Tools, web: Client) -> None:
    seen(tools, web, COMPARISON)
    got = web.get(f"{COMPARISON}demo/a.py")
    assert got.status == 200
    assert [one.text for one in got.page.all("del")] == ["b = 2"] and [one.text for one in got.page.all("ins")] == [
        "b = 3"
    ]
    assert '<mark><span class="m">3</span></mark>' in got.text
    added, removed, same = (web.get(f"{COMPARISON}demo/{name}.py").page for name in ("new", "gone", "same"))
    assert [one.text for one in added.all("ins")] == ["1", "2"] and "Not in 1.0" in added.text("main")
    assert [one.text for one in removed.all("del")] == ["1"] and "Not in 1.1" in removed.text("main")
    assert "It is the same in both releases." in same.text("main")
    assert web.get(f"{COMPARISON}demo/never.py").status == 404


@pytest.mark.usefixtures("releases")
def test_other_files_of_the_releases_can_be_compared_too(tools: Tools, web: Client) -> None:
    path = links(seen(tools, web, COMPARISON))["Source distribution"]
    assert path == f"{COMPARISON}?file=demo-1.1.tar.gz"
    got = seen(tools, web, path)
    assert "runs when built" in got.page.text("main")
    assert links(got)["demo-1.1/setup.py"] == f"{COMPARISON}demo-1.1/setup.py?file=demo-1.1.tar.gz"
    assert [one.text for one in web.get(f"{COMPARISON}demo-1.1/setup.py?file=demo-1.1.tar.gz").page.all("ins")] == [
        "exec('')"
    ]


@pytest.mark.usefixtures("releases")
def test_a_form_asks_which_releases_and_leads_on(tools: Tools, web: Client) -> None:
    got = web.get("/project/demo/compare/")
    chosen = [one.attributes["value"] for one in got.page.all("option") if "selected" in one.attributes]
    assert (got.status, chosen) == (200, ["1.0", "1.1"])
    got = web.get("/project/demo/compare/?old=1.0.0&new=1.1")
    assert (got.status, got.leads_to) == (303, COMPARISON)
    assert web.get("/project/DEMO/compare/1.0.0...1.1/").leads_to == COMPARISON
    assert web.get("/project/demo/compare/1.0.0...1.1/demo/a.py").leads_to == f"{COMPARISON}demo/a.py"


def test_releases_without_files_of_one_kind_say_so(tools: Tools, web: Client) -> None:
    put(tools, wheel()), put(tools, sdist(version="1.1"), version="1.1")
    got = web.get(COMPARISON)
    assert got.status == 200
    assert "There are no files of the same kind in both releases." in got.page.text("main")


@pytest.fixture
def statements(tools: Tools) -> Iterator[list[str]]:
    seen: list[str] = []

    def hear(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(tools.database.engine, "before_cursor_execute", hear)
    yield seen
    event.remove(tools.database.engine, "before_cursor_execute", hear)


def test_the_number_of_statements_does_not_grow_with_what_is_inside(
    tools: Tools, web: Client, statements: list[str]
) -> None:
    for version, number in (("1.0", 2), ("1.1", 40)):
        put(
            tools,
            wheel(version=version, files={f"demo/{at}.py": f"{version}{at}\n" for at in range(number)}),
            version=version,
        )
        put(tools, sdist(version=version), version=version)
    told = []
    for path in (
        WHEEL,
        WHEEL.replace("1.0", "1.1"),
        f"{WHEEL}demo/0.py",
        COMPARISON,
        f"{COMPARISON}demo/0.py",
    ):
        seen(tools, web, path)
        statements.clear()
        assert web.get(path).status == 200
        told.append(len(statements))
    assert told[0] == told[1] == 3
    assert told[2:] == [4, 6, 6]
