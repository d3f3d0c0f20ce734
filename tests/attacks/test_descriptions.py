"""Whatever a description holds, what is left of it is markup of a few kinds that does nothing."""

from __future__ import annotations

import re
from typing import Any

import html5lib
import pytest

from tests.attacks import payloads
from warehouse.errors import Invalid
from warehouse.standards import readme
from warehouse.standards.description_html import PREFIX, with_images

TAGS = re.compile(
    "a|abbr|b|blockquote|br|caption|cite|code|col|colgroup|dd|del|details|div|dl|dt|em|figcaption|figure|h[3-6]|hr|i|"
    "img|kbd|li|ol|p|pre|s|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|ul|var"
)
ATTRIBUTES = re.compile(
    "alt|class|colspan|decoding|height|href|id|loading|referrerpolicy|rel|rowspan|src|start|tabindex|title|width"
)
OURS = "/image/"


def shown(raw: str, content_type: str) -> str:
    return with_images(readme.render(raw, content_type), lambda url: OURS + url.encode().hex(), "image")


def elements(html: str) -> list[Any]:
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return [element for element in tree.iter() if isinstance(element.tag, str) and element.tag != "DOCUMENT_FRAGMENT"]


def check(html: str) -> None:
    for element in elements(html):
        assert TAGS.fullmatch(element.tag), element.tag
        assert all(map(ATTRIBUTES.fullmatch, element.attrib)), element.attrib
        assert re.match(r"https?://|mailto:|#user-content-", element.get("href", "#user-content-")), element.attrib
        assert element.get("src", OURS).startswith(OURS), element.attrib
        assert element.get("id", PREFIX).startswith(PREFIX)
        assert element.get("tabindex", "0") == "0"
        assert not set(element.get("class", "").split()) & {"button", "top", "notice", "flash", "hidden-text"}


EACH = [*payloads.HTML, *payloads.MUTATING, *payloads.CLOBBERING, *payloads.MARKDOWN]


@pytest.mark.parametrize("payload", EACH)
def test_of_each_payload_nothing_is_left_that_does_anything(payload):
    try:
        html = shown(payload, "text/markdown")
    except Invalid:
        return  # of some there is nothing left at all
    check(html)


@pytest.mark.parametrize(("raw", "kind"), [(payloads.DESCRIPTION, "text/markdown"), (payloads.RST, "text/x-rst")])
def test_nor_of_all_of_them_together(raw, kind):
    html = shown(raw, kind)
    check(html)
    ids = [element.get("id") for element in elements(html) if element.get("id")]
    assert ids and len(ids) == len(set(ids))


def test_plain_text_stays_text():
    (only,) = elements(shown(payloads.DESCRIPTION, "text/plain"))
    assert only.tag == "pre" and "<script>alert(1)</script>" in only.text
