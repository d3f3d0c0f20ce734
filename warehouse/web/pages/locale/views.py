"""Takes the language that a visitor chose, and leads back to the page on which they did."""

from __future__ import annotations

from urllib.parse import urlsplit

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid
from warehouse.standards.redirects import place_on_this_site
from warehouse.web.language import _, language, offered, speaking
from warehouse.web.redirects import see_path
from warehouse.web.request import Request
from warehouse.web.security.cookies import set_language


@view_config(route_name="locale", request_method="GET")
def choose(request: Request) -> Response:
    """Remember ``locale_id``; refuses with :class:`Invalid` anything but exactly one language that there is."""
    tags = request.GET.getall("locale_id")
    if len(request.GET) != 1 or len(tags) != 1 or tags[0] not in offered():
        raise Invalid(f"Choose one language as locale_id: {', '.join(offered())}.", code="language")
    with speaking(tags[0]):
        request.flash(_("The pages are in %(language)s now.") % {"language": language(tags[0]).name})
    response = see_path(_page_before(request))
    set_language(request, response, tags[0])
    return response


def _page_before(request: Request) -> str:
    """Where the visitor came from, if that is one of our pages."""
    try:
        before = urlsplit(request.referer or "")
    except ValueError:
        return "/"
    path = before._replace(scheme="", netloc="", fragment="").geturl() if before.netloc == request.host else ""
    return place_on_this_site(path, request.host) or "/"
