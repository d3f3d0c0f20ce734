"""Pages are written in the language that somebody chose, else in the one that their browser asks for."""

from __future__ import annotations

import pytest

from tests.index import Index
from tests.web.browser import Browser
from tests.web.client import Client, site
from warehouse.standards.http.negotiation import accepted_language
from warehouse.web.language import chosen_language, ngettext, speaking
from warehouse.web.wording import ago, number, size


@pytest.fixture
def web(index: Index) -> Client:
    return site(index.tools)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de", "de"), ("de-AT", "de"), ("DE-de,en;q=0.5", "de"), ("en-GB,de;q=0.9", "en"), ("de;q=0.2,en;q=0.8", "en"),
        ("fr, de;q=0.5", "de"), ("fr", "en"), ("*", "en"), ("", "en"), ("de;q=0", "en"), ("de-", "de"),
        (";;;,,,", "en"),
        ("x" * 5000, "en"), ("fr," * 5000, "en"),
    ],
)  # fmt: skip
def test_the_best_of_what_the_browser_takes_is_chosen(header: str, chosen: str) -> None:
    assert accepted_language(header, ("en", "de")) == chosen


@pytest.mark.parametrize(
    ("cookies", "chosen"),
    [
        ("_LOCALE_=de", "de"), ("a=b; _LOCALE_=de; c=d", "de"), ("_LOCALE_=xx", "en"), ("x_LOCALE_=de", "en"),
        ("_LOCALE_=../de", "en"), ("_LOCALE_=", "en"), (None, "en"),
    ],
)  # fmt: skip
def test_the_cookie_comes_first(cookies: str | None, chosen: str) -> None:
    assert chosen_language(cookies, None) == chosen
    assert chosen_language("_LOCALE_=en", "de") == "en"


def test_a_page_says_in_which_language_it_is(web: Client) -> None:
    english, german = web.get("/legacy/"), web.get("/legacy/", HTTP_ACCEPT_LANGUAGE="de")
    assert [got.headers["content-language"] for got in (english, german)] == ["en", "de"]
    assert [got.page.all("html")[0].attributes["lang"] for got in (english, german)] == ["en", "de"]
    assert [got.page.all("h1")[0].text for got in (english, german)] == ["Publishing", "Veröffentlichen"]


def test_numbers_and_times_are_written_as_the_language_does() -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 11, 20, tzinfo=UTC)
    with speaking("de"):
        assert (number(1234567), size(1_500_000)) == ("1.234.567", "1,5 MB")
        assert ago(now - timedelta(days=1), now) == "vor 1 Tag"
        assert ngettext("%(num)s hour ago", "%(num)s hours ago", 2) == "vor %(num)s Stunden"
    assert number(1234567) == "1,234,567"


def test_whoever_chooses_a_language_is_told_in_it_and_led_back(index: Index, web: Client) -> None:
    browser = Browser(web)
    before = {"HTTP_REFERER": "http://index.test/legacy/?a=b"}
    got = web.get("/locale/?locale_id=de", **before)
    assert (got.status, got.leads_to) == (303, "/legacy/?a=b")
    assert any(cookie.startswith("_LOCALE_=de; ") and "Max-Age=31536000" in cookie for cookie in got.cookies)
    browser.open("/locale/?locale_id=de")
    assert "Die Seiten sind jetzt auf Deutsch." in browser.got.text
    assert browser.get("/legacy/").headers["content-language"] == "de"


@pytest.mark.parametrize("referer", ["http://evil.test/legacy/", "//evil.test", "http://[", "", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(web: Client, referer: str) -> None:
    assert web.get("/locale/?locale_id=de", HTTP_REFERER=referer).leads_to == "/"


@pytest.mark.parametrize(
    "query", ["", "?locale_id=", "?locale_id=xx", "?locale_id=de&locale_id=en", "?locale_id=de&a=b", "?locale_id=../de"]
)
def test_exactly_one_language_that_there_is_can_be_chosen(web: Client, query: str) -> None:
    got = web.get(f"/locale/{query}")
    assert (got.status, got.cookies) == (400, [])


def test_a_refusal_is_told_in_the_reader_s_language(web: Client) -> None:
    got = web.get("/user/nobody/", HTTP_ACCEPT_LANGUAGE="de", HTTP_ACCEPT="text/html")
    assert (got.status, got.headers["content-language"]) == (404, "de")
    assert "Es gibt niemanden dieses Namens." in got.text


def test_what_a_stranger_typed_stays_text_in_any_language(web: Client) -> None:
    got = web.get("/search/?q=%3Cscript%3Ealert(1)%3C/script%3E", HTTP_ACCEPT_LANGUAGE="de")
    assert "<script>alert" not in got.text
