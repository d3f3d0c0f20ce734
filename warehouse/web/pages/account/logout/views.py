"""Signing out."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.next_place import next_place
from warehouse.web.pages.account.logout.page import LogoutPage
from warehouse.web.redirects import see_path
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.signing_in import dismiss_visitor


@view_config(route_name="account.sign_out", request_method="GET")
def ask(request: Request) -> Response:
    """The question: a link that somebody follows, or an image that a page holds, signs nobody out."""
    if request.user is None:
        return see_path(next_place(request) or "/")
    return render(request, "pages/account/logout/page.html", LogoutPage(next_place(request)))


@view_config(route_name="account.sign_out", request_method="POST")
def leave(request: Request) -> Response:
    """End the session, here and in the table."""
    response = see_path(next_place(request) or "/")
    dismiss_visitor(request, response)
    return response
