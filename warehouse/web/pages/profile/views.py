"""The page of a person, and the other addresses that lead to it."""

from __future__ import annotations

from datetime import timedelta

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotAllowed
from warehouse.web.avatars import avatar_origin
from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.profile.page import NEW_FOR, find_person, own_of, profile_page
from warehouse.web.paging import page_number
from warehouse.web.rendering import render, render_fragment
from warehouse.web.request import Request
from warehouse.web.security.policy import allow
from warehouse.web.shared import Shared, is_for_everybody


@view_config(route_name="profile", request_method="GET", reads=True)
def profile(request: Request) -> Response:
    """Who somebody is, and what they publish; where only some may read the index, for those alone."""
    username = request.matchdict["username"]
    user = find_person(request.work, username)
    if user.username != username:
        return _at(request, user.username)
    shared = Shared(keys=(f"user/{username.lower()}",), cdn=timedelta(minutes=10))
    own = None if is_for_everybody(request) else own_of(request.work, user)
    page = profile_page(request.work, user, page_number(request), own=own)
    head = Head(
        user.name or user.username,
        _("What %(name)s publishes on this index.") % {"name": user.name or user.username},
        canonical=f"/user/{user.username}/",
        is_indexed=request.work.now - user.created_at >= NEW_FOR,
    )
    response = render(request, "pages/profile/page.html", page, head=head, shared=shared)
    if (origin := avatar_origin(request.settings)) is not None:
        allow(response, "img-src", origin)
    return response


@view_config(route_name="fragment.profile_actions", request_method="GET", reads=True)
def actions(request: Request) -> Response:
    """What somebody can do on their own page; refuses strangers with :class:`NotAllowed`."""
    return _fragment(request, "actions")


@view_config(route_name="fragment.profile_email", request_method="GET", reads=True)
def public_email(request: Request) -> Response:
    """The address that a person shows to those who are signed in; refuses others with :class:`NotAllowed`."""
    return _fragment(request, "email")


@view_config(route_name="fragment.profile_callout", request_method="GET", reads=True)
def callout(request: Request) -> Response:
    """What there is to know about one's own page; refuses strangers with :class:`NotAllowed`."""
    return _fragment(request, "callout")


def _fragment(request: Request, name: str) -> Response:
    if request.user is None:
        raise NotAllowed("You are not signed in.", code="not_signed_in")
    own = own_of(request.work, find_person(request.work, request.matchdict["username"]))
    return render_fragment(request, f"pages/profile/{name}.html", own)


@view_config(route_name="profile.short", request_method="GET")
def short(request: Request) -> Response:
    """The short address, whether or not there is anybody of this name."""
    return _at(request, request.matchdict["username"])


def _at(request: Request, username: str) -> Response:
    return HTTPMovedPermanently(location=request.route_path("profile", username=username))
