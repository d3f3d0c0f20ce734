"""The index's own address, for what names pages in full: feeds, sitemaps and the texts that crawlers read."""

from __future__ import annotations

from warehouse.errors import Invalid
from warehouse.settings import Settings
from warehouse.standards.http import Ask
from warehouse.standards.http.hosts import is_host


def index_address(settings: Settings, ask: Ask) -> str:
    """What addresses of this index begin with, without a slash at the end: ``site.url``, else what the client asked.

    Refuses with :class:`Invalid` where neither says it: a relative address means nothing to whoever reads a feed.
    """
    return settings.site.url or f"{ask.scheme}://{asked_host(ask)}"


def asked_host(ask: Ask) -> str:
    """The host that the client asked, with its port. Refuses with :class:`Invalid` what is none."""
    host = ask.headers.get("host") or ""
    if not is_host(host):
        raise Invalid("Say in the header field Host which index you mean.", code="bad_host")
    return host
