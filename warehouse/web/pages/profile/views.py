"""The page of a person, and the other addresses that lead to it."""

from __future__ import annotations

from datetime import timedelta

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.avatars import avatar_origin
from warehouse.web.pages.profile.page import NEW_FOR, find_person, profile_page
from warehouse.web.paging import page_number
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.policy import allow
from warehouse.web.shared import Shared


@view_config(route_name="profile", request_method="GET", reads=True)
def profile(request: Request) -> Response:
    """Who somebody is, and what they publish; where only some may read the index, for those alone."""
    username = request.matchdict["username"]
    user = find_person(request.work, username)
    if user.username != username:
        return _at(request, user.username)
    shared = Shared(keys=(f"user/{username.lower()}",), cdn=timedelta(minutes=10))
    page = profile_page(request.work, user, page_number(request))
    response = render(request, "pages/profile/page.html", page, shared=shared)
    if (origin := avatar_origin(request.settings)) is not None:
        allow(response, "img-src", origin)
    if request.work.now - user.created_at < NEW_FOR:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@view_config(route_name="profile.short", request_method="GET")
def short(request: Request) -> Response:
    """The short address, whether or not there is anybody of this name."""
    return _at(request, request.matchdict["username"])


def _at(request: Request, username: str) -> Response:
    return HTTPMovedPermanently(location=request.route_path("profile", username=username))
