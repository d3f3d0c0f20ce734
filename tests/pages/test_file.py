"""The page of one file."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import event, text

from tests.builders import sdist, wheel
from tests.web.client import site
from warehouse.domain.packaging import ProjectStatus
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.releases import find_release, yank_release

DIST = wheel(
    "Demo",
    "1.0",
    tag="cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    licenses={"LICENSE": b"Do as you like."},
    license_expression="MIT",
    metadata_version="2.4",
    requires_python=">=3.9",
    dist_info={"sboms/parts.cdx.json": b"{}"},
)
PATH = f"/project/Demo/1.0/files/{DIST.filename}/"


@pytest.fixture
def web(index):
    ada = index.user("ada")
    for dist in (DIST, sdist("Demo", "1.0"), wheel("Demo", "2.0")):
        assert index.upload(dist, by=ada).status == 200
    return site(index.tools)


def links(got):
    return [link.attributes["href"] for link in got.page.all("a")]


def test_it_tells_all_that_is_known_of_a_file(web):
    got = web.get(PATH)
    assert got.status == 200
    main = got.page.text("main")
    for told in (DIST.filename, "CPython 3.12", "manylinux: glibc 2.17+ x86-64", ">=3.9", "MIT", "LICENSE", "Wheel"):
        assert told in main, told
    assert f"{len(DIST.content):,} bytes" in main
    for digest in (hashlib.sha256, hashlib.md5, lambda data: hashlib.blake2b(data, digest_size=32)):
        assert digest(DIST.content).hexdigest() in main
    assert "No provenance was published with this file" in main


def test_of_the_program_that_sent_it_people_read_the_name(index, web):
    with index.work() as work:
        work.db.execute(text("UPDATE files SET uploaded_via = :said"), {"said": 'uv/0.9.1 {"installer":{"name":"uv"}}'})
    main = web.get(PATH).page.text("main")
    assert "uv/0.9.1" in main and "{" not in main


def test_the_links_lead_to_the_bytes_the_metadata_and_what_is_inside(index, web):
    found = links(web.get(PATH))
    [download] = [link for link in found if link.endswith(".whl")]
    assert index.get(download).body.end == len(DIST.content)
    assert index.get(f"{download}.metadata").status == 200 and f"{download}.metadata" in found
    assert f"{PATH}contents/" in found
    assert f"{PATH}contents/demo-1.0.dist-info/sboms/parts.cdx.json" in found


def test_the_commands_take_this_file_and_no_other(web):
    digest = hashlib.sha256(DIST.content).hexdigest()
    requirement, install, verify, _ = web.get(PATH).page.commands
    assert requirement == f"Demo==1.0 --hash=sha256:{digest}"
    assert install.endswith("--index-url http://index.test/simple/ --require-hashes -r requirements.txt")
    assert verify == f"echo '{digest}  {DIST.filename}' | sha256sum --check"


def test_a_source_distribution_says_that_it_is_one(web):
    got = web.get("/project/Demo/1.0/files/demo-1.0.tar.gz/")
    assert "Source distribution" in got.page.text("main")
    assert not [link for link in links(got) if link.endswith(".metadata")]


def test_wrong_spellings_and_versions_lead_to_the_right_address(web):
    for start in ("/project/demo/1.0", "/project/DEMO/1.0.0", "/project/Demo/2.0", "/project/demo/x"):
        got = web.get(f"{start}/files/{DIST.filename}/")
        assert (got.status, got.leads_to) == (301, PATH)


def test_there_is_no_page_for_a_file_that_is_not_there(web):
    for path in (
        "/project/Demo/1.0/files/demo-3.0.tar.gz/",
        f"/project/other/1.0/files/{DIST.filename}/",
        "/project/Demo/1.0/files/a\x00b/",
        "/project/Demo/1.0/files/%E2%80%AE/",
        f"/project/Demo/1.0/files/{'x' * 3000}/",
        f"/project/\x00/1.0/files/{DIST.filename}/",
    ):
        assert web.get(path).status == 404, path


def test_a_yanked_release_says_so_and_names_a_better_one(index, web):
    with index.work() as work:
        project = find_project(work, "demo")
        yank_release(work, project, find_release(work, project, "1.0"), reason="<b>broken</b> on Windows")
    got = web.get(PATH)
    assert "was yanked" in got.page.text("main") and "Take 2.0 instead" in got.page.text("main")
    assert "The maintainers say: <b>broken</b> on Windows" in got.page.text("main")
    assert "/project/Demo/2.0/" in links(got)


def test_what_is_in_quarantine_cannot_be_had(index, web):
    with index.work() as work:
        set_project_status(work, find_project(work, "demo"), ProjectStatus.QUARANTINED)
    got = web.get(PATH)
    assert got.status == 200 and "This project is in quarantine" in got.page.text("main")
    assert not [link for link in links(got) if link.endswith((".whl", ".metadata", "/contents/", "/compare/"))]
    assert got.page.commands == []


def test_it_takes_one_query(index, web):
    seen = []
    listen = (index.tools.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    event.listen(*listen)
    try:
        assert web.get(PATH).status == 200
    finally:
        event.remove(*listen)
    assert len(seen) == 1
