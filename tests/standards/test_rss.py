"""Feeds as parsers read them, whatever people wrote."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.rss import Channel, Item, rss
from warehouse.standards.sitemap import sitemap, sitemap_index
from warehouse.standards.xml_text import xml_text

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789_000, UTC)
CHANNEL = Channel("title", "https://index.example/", "description")


def test_a_feed_is_written_like_this():
    items = [
        Item("demo 1.0", "https://index.example/project/demo/1.0/", "A & B", "ada@example.com", MOMENT),
        Item("demo", "https://index.example/project/demo/", "", None, MOMENT, is_known_by_link=True),
    ]
    assert rss(CHANNEL, items).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0">\n<channel>\n'
        "<title>title</title>\n<link>https://index.example/</link>\n<description>description</description>\n"
        "<language>en</language>\n"
        "<item>\n<title>demo 1.0</title>\n<link>https://index.example/project/demo/1.0/</link>\n"
        "<description>A &amp; B</description>\n<author>ada@example.com</author>\n"
        "<pubDate>Tue, 03 Feb 2026 04:05:06 GMT</pubDate>\n</item>\n"
        "<item>\n<title>demo</title>\n<link>https://index.example/project/demo/</link>\n"
        "<guid>https://index.example/project/demo/</guid>\n<description></description>\n"
        "<pubDate>Tue, 03 Feb 2026 04:05:06 GMT</pubDate>\n</item>\n"
        "</channel>\n</rss>\n"
    )


@given(st.text(st.characters(codec=None), max_size=200), st.text(max_size=50))
def test_whatever_people_write_is_read_as_they_wrote_it_without_what_xml_cannot_hold(summary, title):
    (item,) = ElementTree.fromstring(rss(CHANNEL, [Item(title, "x", summary, summary, MOMENT)])).iter("item")
    kept = re.sub("[\x00-\x1f\ud800-\udfff\ufffe\uffff]", "", summary)
    assert (item.findtext("description"), item.findtext("author")) == (kept, kept)


@given(st.text())
def test_no_text_ends_an_attribute_or_an_element(text):
    assert not set(xml_text(text)) & set('<>"')
    assert ElementTree.fromstring(f'<a b="{xml_text(text)}"/>').attrib.keys() == {"b"}


def test_a_sitemap_is_written_like_this():
    assert sitemap(["https://index.example/project/a/", "https://index.example/?a&b"]).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        "<url><loc>https://index.example/project/a/</loc></url>\n"
        "<url><loc>https://index.example/?a&amp;b</loc></url>\n</urlset>\n"
    )
    assert sitemap_index([("https://index.example/00.sitemap.xml", MOMENT)]).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        "<sitemap><loc>https://index.example/00.sitemap.xml</loc><lastmod>2026-02-03T04:05:06Z</lastmod></sitemap>\n"
        "</sitemapindex>\n"
    )
