"""Confirming by mail that it is oneself who signs in."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid
from warehouse.operations.devices import confirmed_by
from warehouse.operations.sign_in import finish
from warehouse.web.redirects import see_other, see_path
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.signing_in import admit_visitor


@view_config(route_name="account.confirm_login", request_method="GET")
def confirm(request: Request) -> Response:
    """Let in whoever comes by the link in the mail; tell the others that there is one."""
    if request.user is not None:
        return see_other(request, "manage.projects")
    token = request.GET.get("token")
    if token is None or request.method == "HEAD":  # programs that look after mail try links like that
        return render(request, "pages/account/confirm_login/page.html", None)
    try:
        user = confirmed_by(request.work, token)
    except Invalid as refusal:
        request.undo()
        request.flash(refusal.sentence, "error")
        return see_other(request, "account.sign_in")
    finished = finish(request.work, user, method="email-confirmation")
    response = see_path(finished.location)
    if finished.secret is not None:
        admit_visitor(request, response, finished.secret, user)
    return response
