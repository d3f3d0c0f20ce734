"""What the pages are written in: HTML that a strict parser takes, and that means what it should."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import html5lib
import pytest

from tests.browser.conftest import Place
from tests.browser.pages import PAGES

LABELLED = {"input", "select", "textarea"}


@pytest.fixture(scope="module", params=PAGES)
def tree(request: pytest.FixtureRequest, filled: Place) -> Any:
    """The page; where it breaks the rules of HTML the parser stops."""
    answer = filled.index.get(PAGES[request.param], accept="text/html")
    assert answer.status == (404 if request.param == "nothing here" else 200)
    # Attributes that the parser's grammar does not know are no matter of it; elements and their places are.
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.body.decode())


def words(element: Any) -> str:
    """What an element says, also to those who hear it."""
    return (element.get("aria-label") or "".join(element.itertext())).strip()


def test_ids_are_unique_and_what_refers_to_them_finds_them(tree: Any) -> None:
    found = Counter(element.get("id") for element in tree.iter() if element.get("id") is not None)
    assert [one for one, times in found.items() if times > 1 or not one] == []
    for element in tree.iter():
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget"):
            assert set((element.get(name) or "").split()) <= set(found), (element.tag, name)


def test_headings_begin_with_one_and_leave_no_level_out(tree: Any) -> None:
    levels = [int(element.tag[1]) for element in tree.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert levels.count(1) == 1
    main = next(tree.iter("main"))
    inside = [int(element.tag[1]) for element in main.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert inside[0] == 1
    assert [(a, b) for a, b in pairwise(inside) if b > a + 1] == []


def test_every_link_button_and_field_says_what_it_is(tree: Any) -> None:
    labels = {label.get("for") for label in tree.iter("label")}
    wrapped = {id(field) for label in tree.iter("label") for field in label.iter() if field.tag in LABELLED}
    for element in tree.iter():
        if element.tag in ("a", "button"):
            assert words(element), element.attrib
        if element.tag in LABELLED and element.get("type") != "hidden":
            assert element.get("id") in labels or id(element) in wrapped or element.get("aria-label"), element.attrib


def test_landmarks_of_a_kind_have_names_of_their_own(tree: Any) -> None:
    for tag in ("nav", "aside"):
        names = [element.get("aria-label") or element.get("aria-labelledby") for element in tree.iter(tag)]
        assert None not in names
        if tag == "nav":
            assert len(names) == len(set(names)), names
    assert [len(list(tree.iter(tag))) for tag in ("main", "h1", "title")][:2] == [1, 1]


def test_nothing_is_written_into_the_page_that_the_policy_forbids(tree: Any) -> None:
    assert list(tree.iter("style")) == []
    for element in tree.iter():
        assert [name for name in element.attrib if name == "style" or str(name).startswith("on")] == []
        if element.tag == "script":
            assert element.get("src", "").startswith("/static/") and not (element.text or "").strip()
