"""What the page shows that asks for the password again."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from pyramid.response import Response

from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import page_behind


@dataclass(frozen=True)
class ReauthenticationPage:
    """The form, and where it leads afterwards: a route, what its pattern matched, and the query."""

    username: str
    next_route: str
    next_route_matchdict: str
    next_route_query: str


def reauthentication(request: Request) -> Response:
    """The form, in place of the page that was asked for."""
    assert request.user is not None
    page = ReauthenticationPage(
        username=request.user.username,
        next_route=page_behind(request),
        next_route_matchdict=orjson.dumps(dict(request.matchdict)).decode(),
        next_route_query=orjson.dumps(request.GET.mixed()).decode(),
    )
    return render(request, "pages/account/reauthenticate/page.html", page)
