"""Which addresses lead to a place on this site."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.redirects import place_on_this_site

HOST = "index.example"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/", "/"),
        ("/manage/projects/", "/manage/projects/"),
        ("/search/?q=a&page=2#top", "/search/?q=a&page=2#top"),
        ("  /manage/  ", "/manage/"),
        ("/man\tage/\r\n", "/manage/"),
        ("\\manage\\", "/manage/"),
        ("https://index.example/manage/?a=b", "/manage/?a=b"),
        ("http://INDEX.example/manage/", "/manage/"),
        ("//index.example/manage/", "/manage/"),
        ("/user/żółw/", "/user/%C5%BC%C3%B3%C5%82w/"),
        ("/a%20b/?q=%2F", "/a%20b/?q=%2F"),
        ("/?next=https://evil.example/", "/?next=https://evil.example/"),
        ("/with space", "/with%20space"),
        ("/.well-known/", "/.well-known/"),
        ("/a...b/..c/", "/a...b/..c/"),
    ],
)
def test_a_place_on_this_site_is_led_to(text: str, place: str) -> None:
    assert place_on_this_site(text, HOST) == place


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "https://evil.example/",
        "http://evil.example/manage/",
        "//evil.example/",
        "///evil.example/",
        "////evil.example/",
        "/\t/evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "\\/evil.example",
        "/\r\n/evil.example",
        "http:/evil.example",
        "http:evil.example",
        "http:///evil.example",
        "https:index.example/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://index.example/",
        "\x08//evil.example",
        "\x00/manage/",
        "/manage/\x00",
        "https://index.example@evil.example/",
        "https://user@index.example/",
        "https://index.example:8443/",
        "https://index.example.evil.example/",
        "https://index.example//evil.example/",
        "https://index.example",
        "/..//evil.example/",
        "/manage/../..//evil.example/",
        "/.//evil.example",
        "/%2E%2e//evil.example/",
        "/manage/..",
        "http://[::1/",
        "manage/",
        "?a=b",
        "#top",
        "/" + "a" * 2000,
    ],
)
def test_what_leads_elsewhere_or_nowhere_is_not_followed(text: str | None) -> None:
    assert place_on_this_site(text, HOST) is None


@given(st.text(alphabet="/\\:?#@.%[]\t\n\r \x00htpsievlndx", max_size=30))
def test_whatever_is_written_a_browser_stays_on_this_site(text: str) -> None:
    place = place_on_this_site(text, HOST)
    if place is not None:
        assert place.isascii() and place.isprintable()
        led_to = urlsplit(urljoin(f"https://{HOST}/account/login/", place))
        assert led_to.netloc == HOST and not led_to.path.startswith("//")
