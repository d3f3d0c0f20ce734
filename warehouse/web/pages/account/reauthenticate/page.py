"""What the page shows that asks whoever is signed in to show again that it is them."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from pyramid.response import Response

from warehouse.operations import sign_on
from warehouse.operations.sign_on import Choice
from warehouse.web.rendering import render
from warehouse.web.request import SAFE, Request
from warehouse.web.security.gates import page_behind


@dataclass(frozen=True)
class ReauthenticationPage:
    """The form, and where it leads afterwards: a route, what its pattern matched, and the query.

    ``issuers`` know the visitor, too, and lead back to ``place``; whoever has no password has only those.
    """

    username: str
    next_route: str
    next_route_matchdict: str
    next_route_query: str
    place: str = "/"
    takes_password: bool = True
    issuers: tuple[Choice, ...] = ()


def reauthentication(request: Request) -> Response:
    """The form, in place of the page that was asked for."""
    user = request.user
    assert user is not None
    route = page_behind(request)
    page = ReauthenticationPage(
        username=user.username,
        next_route=route,
        next_route_matchdict=orjson.dumps(dict(request.matchdict)).decode(),
        next_route_query=orjson.dumps(request.GET.mixed()).decode(),
        place=request.path_qs if request.method in SAFE else request.route_path(route, **request.matchdict),
        takes_password=user.password_hash is not None and request.settings.sign_on.offers_passwords,
        issuers=sign_on.choices_of(request.work.db, request.settings, user),
    )
    return render(request, "pages/account/reauthenticate/page.html", page, scripts=["passwords"])
