"""How the site says no, whatever is asked of it."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.client import Client, site
from warehouse.errors import NotAuthenticated, TooMany
from warehouse.infra.db import Database
from warehouse.web.refusals import refused
from warehouse.web.request import Request
from warehouse.work import Tools


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=UTF-8"),
        ("*/*", "text/html; charset=UTF-8"),
        ("image/png", "text/html; charset=UTF-8"),
        ("not an accept header;;;", "text/html; charset=UTF-8"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("text/plain", "text/plain; charset=UTF-8"),
    ],
)
def test_what_is_not_there_is_told_in_a_form_that_the_client_reads(web: Client, accept: str, content_type: str) -> None:
    got = web.get("/nothing", HTTP_ACCEPT=accept)
    assert (got.status, got.headers["content-type"], got.headers["vary"]) == (404, content_type, "Accept")
    assert "There is nothing at this address." in got.text


def test_the_json_form_has_message_code_and_title(web: Client) -> None:
    assert web.get("/nothing", HTTP_ACCEPT="application/json").json == {
        "message": "There is nothing at this address.",
        "code": "404 Not Found",
        "title": "Not Found",
    }


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "GET, HEAD, OPTIONS"),
        ("/setup/x", "GET, HEAD, POST, OPTIONS"),
        ("/stats/", "GET, HEAD, OPTIONS"),
        ("/_health/", "GET, HEAD, OPTIONS"),
    ],
)
def test_methods_that_an_address_does_not_take_are_named(web: Client, path: str, allowed: str) -> None:
    got = web.ask("DELETE", path)
    assert (got.status, got.headers["allow"]) == (405, allowed)
    options = web.ask("OPTIONS", path)
    assert (options.status, options.headers["allow"], options.body) == (204, allowed, b"")


@pytest.mark.parametrize(
    "environ",
    [
        {"PATH_INFO": "/\xff"},
        {"PATH_INFO": "/setup/\xc3\x28"},
        {"QUERY_STRING": "a=%ff"},
        {"QUERY_STRING": "%c3%28=b"},
        {"QUERY_STRING": "a=\xff"},
        {"HTTP_HOST": "a b"},
        {"HTTP_HOST": "x;rm -rf /"},
        {"HTTP_HOST": "$(id)"},
        {"HTTP_HOST": "user@host"},
    ],
)
def test_addresses_that_cannot_be_read_are_refused_before_anything_else(web: Client, environ: dict[str, str]) -> None:
    got = web.get("/", **environ)
    assert got.status == 400
    assert got.headers["x-content-type-options"] == "nosniff"


def test_every_answer_carries_the_security_headers(web: Client, setup_path: str) -> None:
    answers = [web.get(path) for path in ("/", "/legacy/", "/stats/", "/nothing", "/legacy", "/_ready/", setup_path)]
    answers += [web.ask("DELETE", "/"), web.ask("OPTIONS", "/"), web.get("/", PATH_INFO="/\xff")]
    for got in answers:
        policy = got.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["referrer-policy"] in ("origin-when-cross-origin", "same-origin")


def test_https_is_promised_only_by_an_operator_who_said_so(tools: Tools, web: Client) -> None:
    https = {"wsgi.url_scheme": "https"}
    promised = site(tools, WAREHOUSE_SITE__URL="https://index.test")
    assert promised.get("/", **https).headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in promised.get("/").headers
    assert "strict-transport-security" not in web.get("/", **https).headers


def test_without_its_database_the_site_says_so(tools: Tools) -> None:
    away = replace(tools, database=Database("postgresql://nobody@/nothing?host=/nonexistent"))
    got = site(away).get("/")
    assert (got.status, got.headers["retry-after"]) == (503, "5")
    assert "cannot reach its database" in got.page.text("main")


def test_a_bug_is_logged_under_the_number_that_the_visitor_sees(
    tools: Tools, setup_path: str, caplog: pytest.LogCaptureFixture
) -> None:
    mistaken = replace(tools, secret="not bytes")  # type: ignore[arg-type]
    # What counts visitors needs the secret from the start.
    without_counting = {f"WAREHOUSE_LIMITS__{kind}_PER_ADDRESS": "none" for kind in ("SEARCHES", "SUGGESTIONS")}
    with caplog.at_level(logging.ERROR):
        got = site(mistaken, **without_counting).get(setup_path, **{"warehouse.request_id": "0123456789abcdef"})
    assert got.status == 500
    assert "0123456789abcdef" in got.page.text("main")
    assert "not bytes" not in got.text
    (record,) = caplog.records
    assert record.exc_info is not None
    assert setup_path not in record.getMessage()  # the link is a credential


def test_refusals_bring_the_headers_that_go_with_them() -> None:
    request = Request.blank("/", accept="application/json")
    challenge = refused(NotAuthenticated("Sign in first."), request)
    assert (challenge.status_int, challenge.headers["WWW-Authenticate"]) == (
        401,
        'Basic realm="Warehouse", charset="UTF-8"',
    )
    wait = refused(TooMany("Wait a little.", retry_after=7), request)
    assert (wait.status_int, wait.headers["Retry-After"]) == (429, "7")


def test_the_answer_to_head_is_that_to_get_without_its_body(web: Client) -> None:
    for path in ("/", "/nothing", "/_health/", "/stats/"):
        head, got = web.ask("HEAD", path), web.get(path)
        assert (head.status, head.body) == (got.status, b"")
        assert head.headers["content-length"] == got.headers["content-length"]


LATIN = st.text(st.characters(max_codepoint=255), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
    path=st.builds(str.__add__, st.sampled_from(["/", "/setup/", "/static/", "/pypi", "/legacy/", "/_"]), LATIN),
    query=LATIN,
    accept=LATIN,
    body=st.binary(max_size=60),
)
def test_a_stranger_never_makes_the_site_fail(
    web: Client, method: str, path: str, query: str, accept: str, body: bytes
) -> None:
    got = web.ask(
        method,
        "/",
        body,
        PATH_INFO=path,
        QUERY_STRING=query,
        HTTP_ACCEPT=accept,
        HTTP_ACCEPT_ENCODING=accept,
        CONTENT_TYPE="application/x-www-form-urlencoded",
    )
    assert got.status < 500


@pytest.mark.parametrize(
    ("path", "sought"),
    [
        ("/project/reqeusts/", "reqeusts"),
        ("/project/demo/9.9/", "demo"),
        ("/p/demo/", "demo"),
        ("/nothing", ""),
        ("/project/<b>x/", "<b>x"),
    ],
)
def test_what_is_not_there_can_be_searched_for(web: Client, path: str, sought: str) -> None:
    page = web.get(path).page
    (field,) = [element for element in page.all("input") if element.attributes.get("name") == "q"]
    assert field.attributes["value"] == sought
    assert page.all("b") == []


def test_a_script_elsewhere_may_learn_why_it_was_refused(web: Client) -> None:
    assert web.get("/nothing").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in web.get("/").headers


def test_a_fragment_that_is_refused_is_no_page(web: Client) -> None:
    got = web.get("/_includes/authed/current-user-indicator/")
    assert (got.status, got.headers["content-type"]) == (403, "text/plain; charset=UTF-8")
