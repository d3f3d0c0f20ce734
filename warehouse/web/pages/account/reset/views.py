"""A forgotten password: asking for a link by mail, and choosing another password with it."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid
from warehouse.operations.password_sign_in import require_passwords
from warehouse.operations.passwords import request_reset, reset_password, who_resets
from warehouse.web.language import _
from warehouse.web.pages.account.reset.page import RequestPage, ResetPage, SentPage
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.origins import form_can_be_sent


@view_config(route_name="account.request_password_reset", request_method="GET")
def ask(request: Request) -> Response:
    """The form; whoever is signed in changes the password instead."""
    require_passwords(request.work)
    if request.user is not None:
        return see_other(request, "manage.password")
    return render(request, "pages/account/reset/request.html", RequestPage())


@view_config(route_name="account.request_password_reset", request_method="POST")
def send(request: Request) -> Response:
    """Have the mail sent, and say the same to everybody."""
    require_passwords(request.work)
    identifier = request.form.get("username_or_email", "")
    try:
        request_reset(request.work, identifier)
    except Invalid as refusal:
        page = RequestPage(identifier, {"username_or_email": refusal.sentence})
        return render(request, "pages/account/reset/request.html", page, status=refusal.status)
    return render(request, "pages/account/reset/sent.html", SentPage.of(request.settings.links.password))


@view_config(route_name="account.reset_password", request_method="GET")
def choose(request: Request) -> Response:
    """The form for the new password, as long as the link is good."""
    token = request.GET.get("token", "")
    try:
        user = who_resets(request.work, token)
    except Invalid as refusal:
        return _ask_again(request, refusal)
    return _form(request, ResetPage(token, user.username))


@view_config(route_name="account.reset_password", request_method="POST")
def reset(request: Request) -> Response:
    """Set the new password, and lead to where it is used."""
    token = request.GET.get("token", "")
    new, again = request.form.get("new_password", ""), request.form.get("password_confirm", "")
    try:
        user = who_resets(request.work, token)
        mistakes = reset_password(request.work, token, new=new, again=again)
    except Invalid as refusal:
        return _ask_again(request, refusal)
    if mistakes:
        return _form(request, ResetPage(token, user.username, mistakes), status=400)
    request.flash(_("You have a new password. Sign in with it."))
    return see_other(request, "account.sign_in")


def _ask_again(request: Request, refusal: Invalid) -> Response:
    request.undo()
    request.flash(refusal.sentence, "error")
    return see_other(request, "account.request_password_reset")


def _form(request: Request, page: ResetPage, *, status: int = 200) -> Response:
    return form_can_be_sent(
        render(request, "pages/account/reset/page.html", page, status=status, scripts=["passwords"])
    )
