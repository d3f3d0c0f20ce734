"""What installers read: project pages and the root list."""

import zlib

import orjson
import pytest
from sqlalchemy import text

from tests.builders import sdist, wheel
from tests.index import JSON
from warehouse.api.site import files_base
from warehouse.domain.packaging import ProjectStatus
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.releases import find_release, unyank_release, yank_release

HTML = "text/html"
V1_HTML = "application/vnd.pypi.simple.v1+html"


@pytest.fixture
def demo(index):
    """An index with one project of two releases."""
    ada = index.user("ada")
    for dist in (wheel("demo", "1.0", requires_python=">=3.9"), wheel("demo", "1.10"), sdist("demo", "1.9")):
        assert index.upload(dist, by=ada).status == 200
    return index


def test_a_project_page_holds_what_pep_691_700_714_and_792_ask_for(demo):
    page = demo.simple("demo")
    serial = page["meta"]["_last-serial"]
    assert page["meta"] == {"_last-serial": serial, "api-version": "1.4"}
    assert page["name"] == "demo"
    assert page["project-status"] == {"status": "active"}
    assert page["versions"] == ["1.0", "1.9", "1.10"]
    first = page["files"][0]
    assert first["requires-python"] == ">=3.9"
    assert first["size"] == len(wheel("demo", "1.0", requires_python=">=3.9").content)
    assert first["core-metadata"] == first["data-dist-info-metadata"]
    assert set(first["core-metadata"]) == {"sha256"}
    assert first["upload-time"].endswith("Z")
    assert first["yanked"] is False
    assert page["files"][1]["core-metadata"] is False  # an sdist has no companion


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-01-02 03:04:05.123456+00", "2026-01-02T03:04:05.123456Z"),
        ("2026-01-02 03:04:05.120000+00", "2026-01-02T03:04:05.120000Z"),
        ("2026-01-02 03:04:05+00", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05+05", "2026-01-01T22:04:05Z"),
    ],
)
def test_an_upload_time_is_utc_and_shows_microseconds_unless_there_are_none(demo, moment, written):
    with demo.work() as work:
        work.db.execute(text("UPDATE files SET uploaded_at = CAST(:moment AS timestamptz)"), {"moment": moment})
    assert {file["upload-time"] for file in demo.simple("demo")["files"]} == {written}


def test_the_html_page_is_the_frozen_form(demo):
    answer = demo.get("/simple/demo/", accept=HTML)
    text = answer.body.decode()
    first = demo.simple("demo")["files"][0]
    companion = f"sha256={first['core-metadata']['sha256']}"
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">\n  <head>\n')
    assert (
        f'<a href="{first["url"]}#sha256={first["hashes"]["sha256"]}" data-requires-python="&gt;=3.9" '
        f'data-dist-info-metadata="{companion}" data-core-metadata="{companion}">{first["filename"]}</a><br />\n'
    ) in text
    assert text.endswith(f"</html>\n<!--SERIAL {demo.simple('demo')['meta']['_last-serial']}-->")


@pytest.mark.parametrize(
    ("accept", "query", "content_type"),
    [
        (None, "", "text/html; charset=UTF-8"),
        ("*/*", "", "text/html; charset=UTF-8"),
        (JSON, "", JSON),
        ("application/vnd.pypi.simple.latest+json", "", JSON),
        (f"{JSON}, {V1_HTML}; q=0.1, text/html; q=0.01", "", JSON),
        (f"{V1_HTML}, text/html;q=0.5", "", V1_HTML),
        ("image/png", "", "text/html; charset=UTF-8"),
        (HTML, f"format={JSON}", JSON),
    ],
)
def test_the_client_gets_the_form_it_asks_for(demo, accept, query, content_type):
    headers = {"accept": accept} if accept else {}
    assert header(demo.get("/simple/demo/", query=query, **headers), "content-type") == content_type


def test_an_unknown_format_is_refused_in_a_sentence(demo):
    with pytest.raises(Exception, match="Ask for one format"):
        demo.get("/simple/demo/", query="format=text/xml")


def test_a_page_that_the_client_has_is_not_sent_again(demo):
    for encoding in ("identity", "gzip"):
        first = demo.get("/simple/demo/", accept=JSON, accept_encoding=encoding)
        again = demo.get("/simple/demo/", accept=JSON, accept_encoding=encoding, if_none_match=header(first, "etag"))
        assert (again.status, again.body) == (304, b"")
        assert header(again, "etag") == header(first, "etag")


def test_encodings_hold_the_same_page_under_different_tags(demo):
    plain = demo.get("/simple/demo/", accept=JSON)
    packed = demo.get("/simple/demo/", accept=JSON, accept_encoding="gzip, deflate")
    assert header(packed, "content-encoding") == "gzip"
    assert zlib.decompress(packed.body, 31) == plain.body
    assert header(packed, "etag") != header(plain, "etag")


def test_headers_say_serial_variance_and_freshness(demo):
    answer = demo.get("/simple/demo/", accept=JSON)
    assert header(answer, "x-pypi-last-serial") == str(demo.simple("demo")["meta"]["_last-serial"])
    assert header(answer, "vary") == "Accept, Accept-Encoding"
    assert header(answer, "cache-control") == "no-cache"
    assert header(answer, "access-control-allow-origin") == "*"
    assert header(answer, "content-security-policy") == "default-src 'none'; sandbox allow-top-navigation"


@pytest.mark.parametrize("spelled", ["/simple/Demo/", "/simple/demo", "/simple/DEMO"])
def test_other_spellings_lead_to_the_normalized_page(demo, spelled):
    answer = demo.get(spelled)
    assert (answer.status, header(answer, "location")) == (301, "/simple/demo/")
    assert header(answer, "access-control-allow-origin") == "*"


@pytest.mark.parametrize(
    "path", ["/simple/nothing/", "/simple/Nothing/", "/simple/a b/", "/simple/demo/x/", "/simple//"]
)
def test_what_is_not_there_is_a_plain_404(demo, path):
    answer = demo.get(path)
    assert (answer.status, answer.body) == (404, b"404 Not Found")
    assert header(answer, "content-type").startswith("text/plain")


def test_a_404_ends_when_the_project_comes(index):
    assert index.get("/simple/demo/").status == 404
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    assert index.get("/simple/demo/").status == 200


def test_an_owner_yanks_a_release_and_installers_see_it(demo):
    with demo.work() as work:
        project = find_project(work, "demo")
        yank_release(work, project, find_release(work, project, "1.0.0"), reason="broken <here>")
        yank_release(work, project, find_release(work, project, "1.9"))
    assert [file["yanked"] for file in demo.simple("demo")["files"]] == ["broken <here>", True, False]
    assert 'data-yanked="broken &lt;here&gt;" ' in demo.get("/simple/demo/").body.decode()
    with demo.work() as work:
        project = find_project(work, "demo")
        unyank_release(work, project, find_release(work, project, "1.0"))
    assert demo.simple("demo")["files"][0]["yanked"] is False
    assert demo.journal()[-3:] == ["yank release", "yank release", "unyank release"]


def test_a_quarantined_project_offers_nothing_and_leaves_the_list(demo):
    url = demo.simple("demo")["files"][0]["url"]
    assert demo.get(url).status == 200
    with demo.work() as work:
        set_project_status(work, find_project(work, "demo"), ProjectStatus.QUARANTINED, reason="malware")
    page = demo.simple("demo")
    assert (page["files"], page["versions"]) == ([], [])
    assert page["project-status"] == {"status": "quarantined", "reason": "malware"}
    assert root(demo)["projects"] == []
    with pytest.raises(Exception, match="no such file"):
        demo.get(url)


def test_a_removed_file_leaves_the_page_and_its_name_stays_used(demo):
    dist = wheel("demo", "1.0", requires_python=">=3.9")
    with demo.work() as work:
        remove_file(work, find_project(work, "demo"), dist.filename)
    assert dist.filename not in demo.filenames("demo")
    answer = demo.upload(dist, token=demo._tokens["ada"])
    assert answer.status == 400
    assert answer.reason.startswith("This filename was previously used")


def test_the_root_list_follows_what_happens(index):
    assert root(index) == {"meta": {"_last-serial": 0, "api-version": "1.4"}, "projects": []}
    ada = index.user("ada")
    for name in ("Zope.Thing", "alpha", "Beta_x"):
        index.upload(wheel(name, "1.0"), by=ada)
    listed = root(index)
    assert [project["name"] for project in listed["projects"]] == ["alpha", "Beta_x", "Zope.Thing"]
    assert listed["meta"]["_last-serial"] == len(index.journal())
    assert listed["projects"][-1]["_last-serial"] == 4
    index.upload(wheel("alpha", "2.0"), by=ada)
    assert root(index)["projects"][0]["_last-serial"] == len(index.journal())
    for number in range(5):
        index.upload(wheel(f"project-number-{number}", "1.0"), by=ada)
    packed = index.get("/simple/", accept=JSON, accept_encoding="gzip")
    assert orjson.loads(zlib.decompress(packed.body, 31)) == root(index)


def test_head_and_options_and_other_methods(demo):
    assert demo.get("/simple/demo/", method="HEAD").status == 200
    refused = demo.get("/simple/demo/", method="DELETE")
    assert (refused.status, header(refused, "allow")) == (405, "GET, HEAD, OPTIONS")


def test_links_are_absolute_when_the_index_knows_its_address():
    assert files_base(None, None) == "/packages/"
    assert files_base(None, "https://index.example") == "https://index.example/packages/"
    assert files_base("https://files.example/packages", "https://index.example") == "https://files.example/packages/"


def root(index) -> dict:
    return orjson.loads(index.get("/simple/", accept=JSON).body)


def header(answer, name: str) -> str | None:
    """A field of an answer, whether its wire bytes are made already or not."""
    if hasattr(answer, "head"):
        lines = answer.head.decode("latin-1").split("\r\n")[1:]
        fields = [tuple(line.split(": ", 1)) for line in lines if ": " in line]
    else:
        fields = answer.headers
    return next((value for field, value in fields if field.lower() == name), None)
