"""Sanitised descriptions are fitted into a page, and their images are taken from where the index says."""

from __future__ import annotations

import pytest

from warehouse.standards.description_html import LONGEST_URL, fitted, with_images

ASIDE = ' loading="lazy" decoding="async" referrerpolicy="no-referrer"'
REL = 'rel="nofollow noopener ugc"'

FITTED = {
    "an outline without gaps": (
        "<h1>a</h1><h3>b</h3><h2>c</h2><h4>d</h4>",
        "<h3>a</h3><h4>b</h4><h4>c</h4><h5>d</h5>",
    ),
    "an outline that begins low": ("<h4>a</h4><h1>b</h1>", "<h3>a</h3><h3>b</h3>"),
    "no heading below the lowest": (
        "".join(f"<h{n}>x</h{n}>" for n in range(1, 7)),
        "<h3>x</h3><h4>x</h4><h5>x</h5>" + "<h6>x</h6>" * 3,
    ),
    "an id": ('<p id="search">x</p>', '<p id="user-content-search">x</p>'),
    "an id that is prefixed": ('<p id="user-content-a">x</p>', '<p id="user-content-a">x</p>'),
    "an id twice": ('<p id="a">x</p><p id="a">y</p>', '<p id="user-content-a">x</p><p>y</p>'),
    "no id": ('<p id="a b">x</p><p id="">y</p>', "<p>x</p><p>y</p>"),
    "a link within": ('<a href="#a">x</a>', '<a href="#user-content-a">x</a>'),
    "a link to the web": (
        '<a href="https://example.com/?a=1&amp;b=%22" rel="nofollow">x</a>',
        f'<a href="https://example.com/?a=1&amp;b=%22" {REL}>x</a>',
    ),
    "a link for mail": ('<a href="mailto:a@example.com">x</a>', f'<a href="mailto:a@example.com" {REL}>x</a>'),
    "a relative link": ('<a href="docs/a.md">x</a>', "<a>x</a>"),
    "a link into the index": ('<a href="/manage/account/">x</a>', "<a>x</a>"),
    "a link without a scheme": ('<a href="//example.com/">x</a>', "<a>x</a>"),
    "a link without a host": ('<a href="https:/manage/">x</a>', "<a>x</a>"),
    "a link that cannot be seen": ('<h1>a<a href="#a" title="here"></a></h1>', "<h3>a</h3>"),
    "a place that cannot be seen": (
        '<a id="a"></a><a href="#a">x</a>',
        '<span id="user-content-a"></span><a href="#user-content-a">x</a>',
    ),
    "an image": (
        '<img src="https://example.com/a.png" alt="&quot;a&quot;" width="20" height="10px">',
        f'<img src="https://example.com/a.png" alt="&quot;a&quot;" width="20" height="10"{ASIDE}>',
    ),
    "an image as wide as a half": (
        '<img src="https://e.example/a" width="48%" align="right">',
        f'<img src="https://e.example/a" alt="" class="align-right width-50"{ASIDE}>',
    ),
    "an image called like its address": (
        '<img src="https://e.example/a" alt="https://e.example/a">',
        f'<img src="https://e.example/a" alt=""{ASIDE}>',
    ),
    "a link that is an image": (
        '<a href="https://ci.example/b"><img src="https://e.example/a"></a>',
        f'<a href="https://ci.example/b" {REL}><img src="https://e.example/a" alt="ci.example"{ASIDE}></a>',
    ),
    "a relative image": ('<img src="a.png" alt="a &lt; b">', "a &lt; b"),
    "an image without an address": ('<img alt="a">', "a"),
    "an image whose address is too long": (f'<img src="https://e.example/{"x" * LONGEST_URL}" alt="a">', "a"),
    "a picture": (
        '<picture><img src="https://e.example/a"></picture>',
        f'<img src="https://e.example/a" alt=""{ASIDE}>',
    ),
    "tasks": ('<input type="checkbox" checked="" disabled=""> a <input disabled="">', "☑ a ☐"),
    "code": (
        '<pre lang="python" class="note hero"><span class="nf top">f</span><span class="p">(</span></pre>',
        '<pre class="note" tabindex="0"><span class="n">f</span>(</pre>',
    ),
    "a table": (
        '<table><tr><td align="right" colspan="2" rowspan="x">a</td></tr></table>',
        '<div class="description__wide" tabindex="0">'
        '<table><tr><td class="align-right" colspan="2">a</td></tr></table></div>',
    ),
    "landmarks and what is obsolete": (
        "<section><aside>a</aside><nav>b</nav></section><tt>c</tt>",
        "<div><div>a</div><div>b</div></div><code>c</code>",
    ),
    "what is no tag": ("a < b <!-- c --> <x", "a &lt; b &lt;!-- c --> &lt;x"),
    "a tag that is not written as the sanitiser does": (
        "<img src=https://e.example/a onerror=alert(1)>",
        "&lt;img src=https://e.example/a onerror=alert(1)>",
    ),
}


@pytest.mark.parametrize(("sanitised", "expected"), FITTED.values(), ids=FITTED.keys())
def test_descriptions_are_fitted_into_a_page(sanitised, expected):
    assert fitted(sanitised) == expected


def test_images_come_from_where_the_index_says():
    page = fitted('<p><img src="https://e.example/a?b=1&amp;c=2" alt="a" width="20"></p>')
    assert with_images(page, lambda url: f"/image/{len(url)}&", "image") == (
        f'<p><img src="/image/27&amp;" alt="a" width="20"{ASIDE}></p>'
    )


BLOCKED = {
    "with a text": ('<img src="https://e.example/a" alt="a">', f'<a href="https://e.example/a" {REL}>a</a>'),
    "without one": ('<img src="https://e.example/a">', f'<a href="https://e.example/a" {REL}>&lt;image&gt;</a>'),
    "in a link": (
        '<a href="https://e.example/"><img src="https://e.example/a" alt="a"></a>',
        f'<a href="https://e.example/" {REL}>a</a>',
    ),
    "after a link": (
        '<a href="https://e.example/">x</a><img src="https://e.example/a" alt="a">',
        f'<a href="https://e.example/" {REL}>x</a><a href="https://e.example/a" {REL}>a</a>',
    ),
}


@pytest.mark.parametrize(("sanitised", "expected"), BLOCKED.values(), ids=BLOCKED.keys())
def test_images_that_are_not_shown_are_links_to_them(sanitised, expected):
    assert with_images(fitted(sanitised), lambda url: None, "<image>") == expected
