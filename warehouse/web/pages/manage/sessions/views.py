"""The page of sessions."""

from __future__ import annotations

import uuid

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotFound
from warehouse.operations.sessions import end_other_sessions, end_session
from warehouse.web.language import _
from warehouse.web.pages.manage.sessions.page import sessions_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs


@view_config(route_name="manage.sessions", request_method="GET", needs=Needs.SIGNED_IN)
def show(request: Request) -> Response:
    """Where one is signed in."""
    return render(request, "pages/manage/sessions/page.html", sessions_page(request))


@view_config(route_name="manage.sessions.end", request_method="POST", needs=Needs.SIGNED_IN)
def end(request: Request) -> Response:
    """Sign out one browser; that at hand, too."""
    assert request.user is not None
    try:
        end_session(request.work, request.user, uuid.UUID(request.matchdict["id"]))
    except (NotFound, ValueError):
        request.flash(_("That browser is not signed in any more."), "warning")
    else:
        request.flash(_("That browser is signed out."))
    return see_other(request, "manage.sessions")


@view_config(route_name="manage.sessions.end_others", request_method="POST", needs=Needs.SIGNED_IN)
def end_others(request: Request) -> Response:
    """Sign out every browser but the one at hand."""
    assert request.user is not None and request.visit is not None
    end_other_sessions(request.work, request.user, request.visit)
    request.flash(_("All other browsers are signed out."))
    return see_other(request, "manage.sessions")
