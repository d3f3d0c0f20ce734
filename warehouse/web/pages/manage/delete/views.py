"""The page that deletes the account, and the file with all that is kept of one."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, TooMany
from warehouse.operations.deletion import delete_account
from warehouse.operations.own_data import own_data
from warehouse.operations.passwords import WRONG, prove
from warehouse.web.language import _
from warehouse.web.pages.manage.delete.page import delete_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security import cookies
from warehouse.web.security.gates import Needs
from warehouse.web.too_often import told_to_wait, wait


@view_config(route_name="manage.delete", request_method="GET", needs=Needs.SIGNED_IN, recent=True)
def ask(request: Request) -> Response:
    """What goes, what stays, and what has to be handed over first."""
    return render(request, "pages/manage/delete/page.html", delete_page(request))


@view_config(route_name="manage.delete", request_method="POST", needs=Needs.SIGNED_IN, recent=True)
def delete(request: Request) -> Response:
    """Delete the account, once its name was typed, and its password if it has one."""
    user = request.user
    assert user is not None
    if request.form.get("confirm_username", "").strip().lower() != user.username.lower():
        return _mistaken(request, {"confirm_username": _("Type your own username.")})
    password = request.form.get("password", "")
    try:
        if user.password_hash is not None and not prove(request.work, user, password, session=request.visit):
            return _mistaken(request, {"password": WRONG})
        delete_account(request.work, user)
    except TooMany as refusal:
        request.undo()
        return told_to_wait(_mistaken(request, {"": wait(refusal)}), refusal)
    except Conflict as refusal:
        request.undo()
        return _mistaken(request, {"": refusal.sentence}, status=refusal.status)
    request.flash(_("Your account is deleted."))
    response = see_other(request, "home")
    cookies.end_session(request, response)
    return response


@view_config(route_name="manage.export", request_method="GET", needs=Needs.SIGNED_IN, recent=True)
def export(request: Request) -> Response:
    """Everything that is kept of one, as a file."""
    assert request.user is not None
    response = Response(content_type="application/json", charset=None)
    response.app_iter = own_data(request.work, request.user)
    response.headers["Cache-Control"] = "private, no-store"
    response.content_disposition = 'attachment; filename="account.json"'
    return response


def _mistaken(request: Request, mistakes: Mapping[str, str], *, status: int = 400) -> Response:
    return render(request, "pages/manage/delete/page.html", delete_page(request, mistakes), status=status)
