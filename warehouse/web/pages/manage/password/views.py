"""Changing one's password."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import TooMany
from warehouse.operations.password_sign_in import require_passwords
from warehouse.operations.passwords import change_password
from warehouse.web.language import _
from warehouse.web.pages.manage.password.page import PasswordPage
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs
from warehouse.web.too_often import told_to_wait, wait


@view_config(route_name="manage.password", request_method="GET", needs=Needs.SIGNED_IN, recent=True)
def ask(request: Request) -> Response:
    """The form, where passwords are of use."""
    require_passwords(request.work)
    return _form(request, {})


@view_config(route_name="manage.password", request_method="POST", needs=Needs.SIGNED_IN, recent=True)
def change(request: Request) -> Response:
    """Set the new password, or say what was wrong."""
    assert request.user is not None and request.visit is not None
    require_passwords(request.work)
    try:
        mistakes = change_password(
            request.work,
            request.user,
            session=request.visit,
            current=request.form.get("password", ""),
            new=request.form.get("new_password", ""),
            again=request.form.get("password_confirm", ""),
        )
    except TooMany as refusal:
        request.undo()
        return told_to_wait(_form(request, {"": wait(refusal)}), refusal)
    if mistakes:
        return _form(request, mistakes, status=400)
    request.flash(_("You have a new password, and are signed out everywhere else."))
    return see_other(request, "manage.password")


def _form(request: Request, mistakes: Mapping[str, str], *, status: int = 200) -> Response:
    assert request.user is not None
    page = PasswordPage(request.user.username, request.user.password_hash is not None, mistakes)
    return render(request, "pages/manage/password/page.html", page, status=status, scripts=["passwords"])
