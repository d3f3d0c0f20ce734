"""Feeds as RSS 2.0, the way the public index writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from warehouse.standards.http.dates import format_http_date
from warehouse.standards.xml_text import xml_text

CONTENT_TYPE = "text/xml; charset=utf-8"


class Channel(NamedTuple):
    """What a feed is about; ``link`` is the page that it belongs to."""

    title: str
    link: str
    description: str


class Item(NamedTuple):
    """One piece of news. ``author`` holds e-mail addresses; without one the element is left out.

    ``is_known_by_link``: readers of feeds may take two items with the same link for one (its ``guid``).
    """

    title: str
    link: str
    description: str
    author: str | None
    published_at: datetime
    is_known_by_link: bool = False


def rss(channel: Channel, items: Iterable[Item]) -> bytes:
    """The feed, newest item first if they come so."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0">\n<channel>\n',
        *_elements(channel._asdict()),
        "<language>en</language>\n",
        *map(_item, items),
        "</channel>\n</rss>\n",
    ]
    return "".join(parts).encode()


def _item(item: Item) -> str:
    told = {"title": item.title, "link": item.link}
    if item.is_known_by_link:
        told["guid"] = item.link
    told["description"] = item.description
    if item.author is not None:
        told["author"] = item.author
    # RSS 2.0: "All date-times in RSS conform to the Date and Time Specification of RFC 822".
    told["pubDate"] = format_http_date(item.published_at)
    return "".join(("<item>\n", *_elements(told), "</item>\n"))


def _elements(told: dict[str, str]) -> Iterable[str]:
    return (f"<{name}>{xml_text(text)}</{name}>\n" for name, text in told.items())
