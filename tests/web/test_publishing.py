"""The upload address in a browser, and the addresses that uploads once had."""

from __future__ import annotations

import pytest

from tests.web.client import Client, site
from warehouse.work import Tools


def test_the_upload_address_tells_browsers_what_it_is_for(web: Client) -> None:
    page = web.get("/legacy/").page
    assert page.text("h1") == "Publishing"
    assert "twine upload --repository-url http://index.test/legacy/ dist/*" in page.commands
    assert web.ask("HEAD", "/legacy/").status == 200


def test_it_takes_no_other_method_from_a_browser(web: Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        got = web.ask(method, "/legacy/")
        assert (got.status, got.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_an_upload_by_get_is_refused(web: Client) -> None:
    for query in (":action=file_upload", "%3Aaction=file_upload"):
        got = web.get(f"/legacy/?{query}")
        assert (got.status, got.headers["allow"]) == (405, "POST")


def test_the_slash_at_the_end_may_be_left_out(web: Client) -> None:
    got = web.get("/legacy")
    assert (got.status, got.headers["location"]) == (301, "/legacy/")


@pytest.mark.parametrize("action", ["submit", "submit_pkg_info", "doc_upload", "file_upload"])
@pytest.mark.parametrize("path", ["/pypi", "/pypi/"])
def test_former_upload_addresses_point_at_the_present_one(web: Client, path: str, action: str) -> None:
    for method in ("GET", "POST"):
        got = web.ask(method, f"{path}?:action={action}")
        assert got.status == 410
        assert "http://index.test/legacy/" in got.reason
        assert "http://index.test/legacy/" in got.page.text("main")


def test_a_form_that_names_its_action_inside_is_not_read_and_pointed_there_too(web: Client) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name=":action"\r\n\r\nfile_upload\r\n--x--\r\n'
    assert web.post("/pypi", body, CONTENT_TYPE="multipart/form-data; boundary=x").status == 410


def test_other_actions_there_are_not_known(web: Client) -> None:
    assert web.get("/pypi").status == web.get("/pypi?:action=nonsense").status == 404


def test_an_address_beyond_ascii_does_not_break_the_reason(tools: Tools) -> None:
    got = site(tools, WAREHOUSE_SITE__URL="https://päckäges.example").get("/pypi?:action=submit")
    assert got.status == 410
    assert "https://päckäges.example/legacy/" in got.text
