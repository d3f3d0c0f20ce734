"""What crawlers are asked to leave alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.request import Request

NOBODY = "User-agent: *\nDisallow: /\n"
NOT_FOR_CRAWLERS = (
    "/simple/",
    "/packages/",
    "/legacy/",
    "/setup/",
    "/pypi/*/json",
    "/pypi/*/*/json",
    "/pypi*?",
    "/search*",
    "/_/",
    "/integrity/",
    "/account/",
    "/admin/",
)


@view_config(route_name="robots", request_method="GET")
def robots(request: Request) -> Response:
    """The rules: nothing for crawlers on a private index, nor under any other name than a public one's own."""
    site, is_public = request.settings.site.url, request.settings.profile == "public"
    text = NOBODY
    if site is not None and is_public and urlsplit(site).netloc.lower() == urlsplit(request.host_url).netloc.lower():
        text = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in NOT_FOR_CRAWLERS)
    return Response(text, content_type="text/plain", charset="UTF-8", cache_control="public, max-age=3600")
