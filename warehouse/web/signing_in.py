"""What every way of signing in does to the browser at its end."""

from __future__ import annotations

from pyramid.response import Response

from warehouse.domain.accounts import User
from warehouse.operations import terms
from warehouse.operations.sessions import session_of
from warehouse.web.language import _
from warehouse.web.request import Request
from warehouse.web.security import cookies


def admit_visitor(request: Request, response: Response, secret: str, user: User) -> None:
    """Give the browser the session that ``admit`` made. One that it had before ends: nobody can plant one."""
    before = request.visit
    if before is not None:
        request.work.db.delete(before)
    request.work.db.flush()
    found = session_of(request.work, secret)
    if found is not None:
        request.recognise(*found)
    cookies.set_session(request, response, secret, user)
    if terms.due(request.work, user):
        changed = _("The terms of service have changed. Please read them.")
        request.flash(changed, "warning", path=request.route_path("account.terms"))


def dismiss_visitor(request: Request, response: Response) -> None:
    """Take the session away from the browser, and end it."""
    if request.visit is not None:
        request.work.db.delete(request.visit)
    request.take_leave()
    cookies.end_session(request, response)
