"""Small texts at well-known addresses: for crawlers, for browsers, and for those who found a weakness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from warehouse.api.addresses import asked_host, index_address
from warehouse.api.doors import UNCHANGING, KeptPages, Wanted, document
from warehouse.api.pages import Page
from warehouse.infra.cache import PageCache
from warehouse.settings import Settings
from warehouse.settings.caching import Kept
from warehouse.standards.http import Ask
from warehouse.standards.xml_text import xml_text

ROBOTS = "/robots.txt"
OPENSEARCH = "/opensearch.xml"
SECURITY = "/.well-known/security.txt"
FUNDING = "/.well-known/funding-manifest-urls"

SEGMENTS = ("robots.txt", "opensearch.xml", ".well-known")
"""The first segments of the addresses."""

KEPT = Kept(timedelta(days=1), timedelta(hours=6), timedelta(days=1))

NOT_FOR_CRAWLERS = (
    "/simple/",
    "/packages/",
    "/_includes/authed/",
    "/project/*/submit-malware-report/",
    "/pypi/*/json",
    "/pypi/*/*/json",
    "/pypi*?",
    "/search*",
    "/_/",
    "/integrity/",
    "/account/",
    "/admin/",
    # What the public index has elsewhere or not at all.
    "/api/",
    "/legacy/",
    "/setup/",
    # What is inside files is unpacked for people who ask.
    "/project/*/*/files/*/contents/",
    "/project/*/compare/",
)

PLAIN = "text/plain; charset=utf-8"
XML = "text/xml; charset=utf-8"

_SHORT_NAME, _LONG_NAME = 16, 48  # characters, says OpenSearch
_EXPIRES_AFTER = timedelta(days=365)


class TextPages(KeptPages):
    """Answers the addresses above; where the settings do not say what to answer, there is nothing."""

    def __init__(self, settings: Settings, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        site = settings.site
        self._own_host = urlsplit(site.url).netloc.lower() if site.url is not None else None
        self._makers: dict[str, Callable[[Ask], Wanted]] = {ROBOTS: self._robots, OPENSEARCH: self._opensearch}
        if site.security_contact is not None:
            self._makers[SECURITY] = self._security
        if site.funding_manifest is not None:
            self._makers[FUNDING] = partial(self._funding, site.funding_manifest)

    def owns(self, path: str) -> bool:
        """Those that there are."""
        return path in self._makers

    def wanted(self, ask: Ask) -> Wanted | None:
        """The text at this address."""
        return self._makers[ask.path](ask) if ask.path in self._makers else None

    def _robots(self, ask: Ask) -> Wanted:
        """Nothing for crawlers on a private index, nor under any other name than a public one's own."""
        site = index_address(self._settings, ask)
        is_own = self._own_host is not None and asked_host(ask).lower() == self._own_host
        allowed = self._settings.profile == "public" and is_own
        closed = NOT_FOR_CRAWLERS if allowed else ("/",)
        lines = [f"Sitemap: {site}/sitemap.xml", "", "User-agent: *", *(f"Disallow: {path}" for path in closed)]
        return self._wanted((ROBOTS, site, allowed), PLAIN, lambda: _lines(lines))

    def _opensearch(self, ask: Ask) -> Wanted:
        site = index_address(self._settings, ask)
        return self._wanted((OPENSEARCH, site), XML, partial(_description, self._settings.site.name, site))

    def _security(self, ask: Ask) -> Wanted:
        """RFC 9116. It says until when it holds, so that there is a new one each day."""
        site, today = index_address(self._settings, ask), datetime.now(UTC).date()
        return self._wanted((SECURITY, site, today), PLAIN, lambda: self._contact(site, today))

    def _contact(self, site: str, today: date) -> str:
        lines = [
            f"Contact: mailto:{self._settings.site.security_contact}",
            f"Expires: {today + _EXPIRES_AFTER:%Y-%m-%d}T00:00:00.000Z",
            "Preferred-Languages: en",
            f"Canonical: {site}{SECURITY}",
        ]
        lines.append(f"Policy: {self._settings.site.security_policy or f'{site}/security/'}")
        return _lines(lines)

    def _funding(self, manifest: str, ask: Ask) -> Wanted:
        return self._wanted((FUNDING,), PLAIN, lambda: _lines([manifest]))

    def _wanted(self, key: tuple[object, ...], content_type: str, write: Callable[[], str]) -> Wanted:
        def page() -> Page:
            return document(self._settings, content_type, write().encode(), KEPT)

        return Wanted(key, UNCHANGING, page)


def _lines(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _description(name: str, site: str) -> str:
    """OpenSearch 1.1: how browsers search here from their address bar."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{xml_text(name[:_SHORT_NAME])}</ShortName>\n"
        f"<Description>{xml_text(f'Search for Python projects on {name}')}</Description>\n"
        f"<LongName>{xml_text(name[:_LONG_NAME])}</LongName>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Image height="32" width="32" type="image/vnd.microsoft.icon">{xml_text(site)}/favicon.ico</Image>\n'
        f"{_url('text/html', f'{site}/search/?q={{searchTerms}}')}"
        f"{_url('application/json', f'{site}/api/search/?q={{searchTerms}}&page={{startPage?}}')}"
        f"{_url('application/x-suggestions+json', f'{site}/search/suggestions/?q={{searchTerms}}', 'suggestions')}"
        f"{_url('application/opensearchdescription+xml', f'{site}{OPENSEARCH}', 'self')}"
        "</OpenSearchDescription>\n"
    )


def _url(content_type: str, template: str, rel: str = "results") -> str:
    """OpenSearch 1.1: "rel" is "results" when nothing is said."""
    said = f' rel="{rel}"' if rel != "results" else ""
    return f'<Url type="{content_type}"{said} template="{xml_text(template)}"/>\n'
