"""Signing in with a username and a password."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import TooMany
from warehouse.operations.password_sign_in import Declined, sign_in
from warehouse.web.next_place import next_place
from warehouse.web.pages.account.login.page import LoginPage, login_page
from warehouse.web.redirects import see_other, see_path
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.second_step import REMEMBERED
from warehouse.web.signing_in import admit_visitor
from warehouse.web.too_often import told_to_wait, wait


@view_config(route_name="account.sign_in", request_method="GET")
def ask(request: Request) -> Response:
    """The form."""
    if request.user is not None:
        return see_other(request, "manage.projects")
    return _form(request, login_page(request))


@view_config(route_name="account.sign_in", request_method="POST")
def enter(request: Request) -> Response:
    """Let the visitor in, or lead them to the second step, or say what was wrong."""
    request.tools.passwords.refuse_a_crowd()  # before the database is asked anything
    if request.user is not None:
        return see_other(request, "manage.projects")
    username = request.form.get("username", "").strip()
    try:
        outcome = sign_in(
            request.work,
            username,
            request.form.get("password", ""),
            next=next_place(request),
            remembered=request.cookies.get(REMEMBERED, ""),
        )
    except TooMany as refusal:
        request.undo()
        page = login_page(request, username=username, mistakes={"": wait(refusal)})
        return told_to_wait(_form(request, page), refusal)
    if isinstance(outcome, Declined):
        page = login_page(request, username=username, mistakes=outcome.mistakes)
        return _form(request, page, status=400)
    response = see_path(outcome.location)
    if outcome.secret is not None and outcome.user is not None:
        admit_visitor(request, response, outcome.secret, outcome.user)
    return response


def _form(request: Request, page: LoginPage, *, status: int = 200) -> Response:
    return render(request, "pages/account/login/page.html", page, status=status, scripts=["passwords"])
