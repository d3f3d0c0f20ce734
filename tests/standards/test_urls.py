"""URLs of projects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.urls import (
    is_own_project_page,
    is_valid_uri,
    normalized_label,
    project_url_label,
    well_known_label,
)

SITE = ("https://index.example/project/", "https://index.example/p", "http://old.example/project/")
NAMES = ("Some.Thing", "some-thing")


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org/a/b?c=d#e", "https:", "https:///x", "https://example.org:65535/",
     "https://[::1]/", "https://user@example.org/", "https://example.org/é", "https://example.org/%20", "http://a:/"],
)  # fmt: skip
def test_a_valid_url_is_accepted(url):
    assert is_valid_uri(url)


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "//example.org", "ftp://example.org", "javascript:alert(1)", "data:text/html,x", "mailto:a@b.c",
     "https://example.org:65536/", "https://example.org:x/", "https://a b", "https://a\n", " https://a", "https://[::1",
     "https://999.1.1.1/", "https://a/#b#c",
     "https://a/\ud800", "https://é.org/", "/relative", "https://a:" + "9" * 9999],
)  # fmt: skip
def test_anything_else_is_refused(url):
    assert not is_valid_uri(url)


@given(
    st.one_of(st.text(), st.text(":/?#[]@!%.x1\\").map("https:".__add__), st.text("[]:.x1@").map("https://".__add__))
)
def test_any_text_has_an_answer(text):
    assert is_valid_uri(text) in (True, False)
    assert is_own_project_page(text, site_urls=SITE, names=NAMES) in (True, False)
    assert normalized_label(normalized_label(text)) == normalized_label(text)


@pytest.mark.parametrize(
    ("text", "label", "url"),
    [
        ("Docs, https://a.example/", "Docs", "https://a.example/"),
        ("Docs,https://a.example/?a,b", "Docs", "https://a.example/?a,b"),
        ("  Docs  ,  https://a.example ", "Docs", "https://a.example"),
        ("https://a.example", "https://a.example", ""),
        (", https://a.example", "", "https://a.example"),
    ],
)
def test_a_project_url_is_split_at_its_first_comma(text, label, url):
    assert project_url_label(text) == (label, url)


@pytest.mark.parametrize(
    ("label", "meaning"),
    [
        ("Homepage", "homepage"),
        ("Home Page", "homepage"),
        ("Bug-Tracker!", "issues"),
        ("What's New?", "changelog"),
        ("SOURCE code", "source"),
        ("GitHub", "source"),
        ("Docs", "documentation"),
        ("Release Notes", "releasenotes"),
        ("Donation", "funding"),
        ("Download", "download"),
        ("Chat", None),
        ("", None),
    ],
)
def test_well_known_labels_are_recognised(label, meaning):
    assert well_known_label(label) == meaning


@pytest.mark.parametrize(
    "url",
    ["https://index.example/project/Some.Thing/", "https://index.example/project/some-thing",
     "https://index.example/p/some-thing/",
     "http://old.example/project/some-thing", "https://INDEX.example/a/../project/some-thing/"],
)  # fmt: skip
def test_the_pages_of_a_project_are_its_own(url):
    assert is_own_project_page(url, site_urls=SITE, names=NAMES)


@pytest.mark.parametrize(
    "url",
    ["https://index.example/project/other/", "https://index.example/project/some-thing/1.0/", "https://index.example/project/",
     "http://index.example/project/some-thing/", "https://index.example.evil.example/project/some-thing/",
     "https://index.example@evil.example/project/some-thing/", "https://index.example\\@evil.example/project/some-thing/",
     "https://index.example/project/some-thing\\", "https://index.example/project/some-thing/?x",
     "https://index.example/project/some-thing#x",
     "https://index.example/project/some-thing//", "https://index.example:444/project/some-thing/", "", "https:"],
)  # fmt: skip
def test_other_pages_are_not(url):
    assert not is_own_project_page(url, site_urls=SITE, names=NAMES)
