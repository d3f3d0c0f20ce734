"""Sitemaps (sitemaps.org 0.9): lists of pages for crawlers, and the list of those lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from warehouse.standards.xml_text import xml_text

CONTENT_TYPE = "text/xml; charset=utf-8"

MOST_URLS = 50_000
"""sitemaps.org: "each Sitemap file that you provide must have no more than 50,000 URLs and must be no larger than
50MB": of addresses as long as ours, that is no more than 13 MB."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(addresses: Iterable[str]) -> bytes:
    """The list of these pages, whose addresses are absolute."""
    urls = "".join(f"<url><loc>{xml_text(address)}</loc></url>\n" for address in addresses)
    return f'{_HEAD}<urlset xmlns="{_SCHEMA}">\n{urls}</urlset>\n'.encode()


def sitemap_index(sitemaps: Iterable[tuple[str, datetime]]) -> bytes:
    """The list of these sitemaps: absolute addresses, and when each changed last."""
    listed = "".join(
        f"<sitemap><loc>{xml_text(address)}</loc><lastmod>{_written(changed_at)}</lastmod></sitemap>\n"
        for address, changed_at in sitemaps
    )
    return f'{_HEAD}<sitemapindex xmlns="{_SCHEMA}">\n{listed}</sitemapindex>\n'.encode()


def _written(moment: datetime) -> str:
    """W3C Datetime, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
