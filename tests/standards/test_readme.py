"""Descriptions render to safe HTML, or are refused with what is wrong with them."""

from __future__ import annotations

import re

import pytest

from warehouse.standards import readme
from warehouse.standards.readme import BadDescription, render

RENDERED = {
    "Markdown": ("# Title\n\n*text*", "text/markdown", "<em>text</em>"),
    "Markdown of GitHub": ("| a |\n|---|\n| b |", "text/markdown; variant=GFM; charset=UTF-8", "<td>b</td>"),
    "CommonMark, as GFM all the same": ("~~gone~~", "text/markdown; variant=CommonMark", "<del>gone</del>"),
    "another case": ("*text*", "Text/Markdown", "<em>text</em>"),
    "code in Markdown": ("```python\nx = 1\n```", "text/markdown", 'x = <span class="m">1</span>'),
    "reStructuredText": ("Title\n=====\n\n*text*", "text/x-rst", "<em>text</em>"),
    "reStructuredText by default": ("*text*", None, "<em>text</em>"),
    "reStructuredText by an empty type": ("*text*", "", "<em>text</em>"),
    "text": ("a < b\n  & c", "text/plain", ">a &lt; b\n  &amp; c</pre>"),
    "text that is empty in the end": (" ", "text/plain; charset=UTF-8", "> </pre>"),
}


@pytest.mark.parametrize(("raw", "content_type", "part"), RENDERED.values(), ids=RENDERED.keys())
def test_descriptions_render(raw, content_type, part):
    assert part in render(raw, content_type)


REFUSED = {
    "a warning": ("Long title\n====\n\ntext", "text/x-rst", "as reStructuredText: line 2: Title underline too short."),
    "an error": (
        "text\n\n.. unknown::",
        "text/x-rst",
        'as reStructuredText: line 3: Unknown directive type "unknown".',
    ),
    "an error of the default": ("`", None, "as reStructuredText, the default as no content type was given: line 1: "),
    "an included file": (".. include:: /etc/passwd", "text/x-rst", '"include" directive disabled.'),
    "a table from a file": (".. csv-table::\n   :file: /etc/passwd", "text/x-rst", "File and URL access deactivated"),
    "raw HTML": (".. raw:: html\n\n   <b>x</b>", "text/x-rst", '"raw" directive disabled.'),
    "empty reStructuredText": (".. a comment", "text/x-rst", "The description failed to render as reStructuredText."),
    "empty Markdown": ("", "text/markdown", "The description failed to render as Markdown."),
    "another type": ("<p>", "text/html", "must be one of text/plain, text/x-rst, text/markdown."),
    "a NUL": ("a\0b", "text/plain", "holds NUL or surrogate characters"),
    "half a character": ("a\ud800", "text/markdown", "holds NUL or surrogate characters"),
    "too long": ("x" * (readme.MAX_DESCRIPTION + 1), "text/plain", "is longer than 1048576 characters."),
}


@pytest.mark.parametrize(("raw", "content_type", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_render_is_refused_with_the_reason(raw, content_type, part):
    with pytest.raises(BadDescription) as refusal:
        render(raw, content_type)
    assert part in refusal.value.sentence
    assert "\n" not in refusal.value.sentence


HOSTILE = {
    "a script": "<script>alert(1)</script>text",
    "a handler": '<a href="https://example.com/" onclick="alert(1)">text</a>',
    "a script URL": "[text](javascript:alert(1))",
    "a data URL": "[text](data:text/html;base64,PHNjcmlwdD4=)",
    "a frame": "<iframe src='https://example.com/'></iframe>text",
    "a style": "<p style='position: fixed'>text</p>",
    "a form": "<form action='https://example.com/'><button>text</button></form>",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_html_is_cleaned(raw):
    rendered = render(raw, "text/markdown")
    assert "text" in rendered
    assert not re.search(r"<script|<iframe|<form|<button|onclick|javascript:|data:|style=", rendered)


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [("[x](https://example.com/)", "text/markdown"), ("`x <https://example.com/>`_", "text/x-rst")],
)
def test_links_are_not_followed_by_search_engines(raw, content_type):
    assert '<a href="https://example.com/" rel="nofollow noopener ugc">x</a>' in render(raw, content_type)


def test_a_document_does_not_see_the_roles_of_the_one_before():
    assert "text" in render(".. role:: mine\n\n:mine:`text`", "text/x-rst")
    with pytest.raises(BadDescription, match='Unknown interpreted text role "mine"'):
        render(":mine:`text`", "text/x-rst")


def test_standard_roles_survive_other_documents():
    for _ in range(2):
        assert "<em>" in render(":emphasis:`text` and :code:`x` :math:`y`", "text/x-rst")


NESTED = {
    "lists": "".join(f"{'  ' * depth}* x\n\n" for depth in range(400)),
    "quotes": ">" * 900 + " x",
    "parentheses": "[" * 50_000 + "x",
    "emphasis": "*a " * 20_000,
    "HTML": "<div>\n" * 900 + "x",
}


@pytest.mark.parametrize("raw", NESTED.values(), ids=NESTED.keys())
def test_deep_nesting_renders_in_markdown(raw):
    assert render(raw, "text/markdown")


def test_nesting_too_deep_for_the_parser_is_refused():
    with pytest.raises(BadDescription, match="as reStructuredText: it is nested too deeply"):
        render(NESTED["lists"], "text/x-rst")


BOMBS = {
    "nesting": "<div>" * 10_001,
    "quotes": ">" * 1000,
    "quotes with blanks": "> " * 1000,
    "formatting that is opened again": "".join(f"<b id=x{n}>" for n in range(1000)) + "<p>x" * 2000,
    "formatting whose tags look the same": "".join(f"<b a='>' id=x{n}>" for n in range(1000)) + "<p>x" * 2000,
    "formatting with a lone quote": "".join(f'<b " id=x{n}>' for n in range(1000)) + "<p>x" * 2000,
    "formatting that is opened again by blank lines": "".join(f"<i id=x{n}>" for n in range(1000)) + "x\n\n" * 2000,
}


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS.keys())
def test_html_that_would_grow_without_end_is_refused(raw):
    with pytest.raises(BadDescription, match="as Markdown: it holds too much HTML"):
        render(raw, "text/markdown")


def test_long_pages_with_ordinary_html_render():
    picture = "<p align='center'><img src='https://example.com/a.png'> <b>text</b></p>"
    page = f"# A\n\n{picture}\n\n| <code>a</code> | <i>b</i> |\n\n"
    assert render(page * 1000, "text/markdown").count("<b>") == 1000


def test_the_renderer_is_known_by_its_version():
    assert re.fullmatch(r"\d+\.\d+.*\+\d+", readme.RENDERER)
