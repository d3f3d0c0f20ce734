"""Who is signed in, and what is to be said to them."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotAllowed
from warehouse.web.rendering import render_fragment
from warehouse.web.request import Request


@view_config(route_name="fragment.user", request_method="GET")
def current_user(request: Request) -> Response:
    """The part of the page's head for whoever is signed in; refuses others with :class:`NotAllowed`."""
    if request.user is None:
        raise NotAllowed("You are not signed in.", code="not_signed_in")
    return render_fragment(request, "pages/fragments/user.html", None)


@view_config(route_name="fragment.flashes", request_method="GET")
def flash_messages(request: Request) -> Response:
    """What there is to say, once."""
    return render_fragment(request, "pages/fragments/flashes.html", None)
