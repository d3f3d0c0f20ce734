"""The page that asks for a second factor, and what its script asks for."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid, TooMany
from warehouse.events import Method
from warehouse.operations.second_factors import Asked, asked
from warehouse.operations.security_keys import begin_signing_in, check_key
from warehouse.operations.totp import Check, check_code
from warehouse.web.language import _
from warehouse.web.pages.account.two_factor.page import two_factor_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.second_step import as_json, failed, in_second_step, let_in
from warehouse.web.security.keys import key_site
from warehouse.web.security.origins import form_can_be_sent
from warehouse.web.too_often import told_to_wait, wait


@view_config(route_name="account.two_factor", request_method="GET")
def ask(request: Request) -> Response:
    """The form."""
    who = in_second_step(request)
    return who if isinstance(who, Response) else _form(request, who)


@view_config(route_name="account.two_factor", request_method="POST")
def check(request: Request) -> Response:
    """A code of an app."""
    who = in_second_step(request)
    if isinstance(who, Response):
        return who
    try:
        outcome = check_code(request.work, who.user, request.form.get("totp_value", ""))
    except TooMany as refusal:
        request.undo()
        return told_to_wait(_form(request, who, wait(refusal)), refusal)
    if outcome is Check.RIGHT:
        remember = Method.TOTP if "remember_device" in request.form else None
        return let_in(request, who, method=Method.TOTP.value, remember=remember)
    return _form(request, who, _wrong(outcome))


@view_config(route_name="account.security_key.options", request_method="GET")
def options(request: Request) -> Response:
    """What the browser is asked to sign."""
    who = _step_of_script(request)
    if isinstance(who, Response):
        return who
    return as_json(begin_signing_in(request.work, who.user, key_site(request), step=request.query_string))


@view_config(route_name="account.security_key.validate", request_method="POST")
def validate(request: Request) -> Response:
    """What the security key signed."""
    who = _step_of_script(request)
    if isinstance(who, Response):
        return who
    step, answer = request.query_string, request.form.get("credential", "")
    try:
        key = check_key(request.work, who.user, key_site(request), step=step, answer=answer)
    except TooMany as refusal:
        request.undo()
        return failed(wait(refusal))
    except Invalid as refusal:
        return failed(refusal.sentence)
    if key is None:
        return failed(_("The security key was not recognised. Try again, or use another one."))
    return let_in(
        request,
        who,
        method=Method.SECURITY_KEY.value,
        label=key.label,
        remember=Method.SECURITY_KEY if "remember_device" in request.form else None,
        answer=lambda path: as_json({"success": _("Successful WebAuthn assertion"), "redirect_to": path}),
    )


def _step_of_script(request: Request) -> Asked | Response:
    if request.user is not None:
        return failed(_("You are signed in already."))
    try:
        return asked(request.work, request.query_string)
    except Invalid as refusal:
        return failed(refusal.sentence)


def _form(request: Request, who: Asked, mistake: str | None = None) -> Response:
    mistakes = {"totp_value": mistake} if mistake else {}
    page = two_factor_page(request, who, mistakes)
    status = 400 if mistakes else 200
    scripts = ["webauthn"] if page.keys else []
    return form_can_be_sent(render(request, "pages/account/two_factor/page.html", page, status=status, scripts=scripts))


def _wrong(outcome: Check) -> str:
    if outcome is Check.USED_BEFORE:
        return _("This code was used already. Wait for the next one.")
    return _("This is not the right code. Type the one that your app shows now.")
