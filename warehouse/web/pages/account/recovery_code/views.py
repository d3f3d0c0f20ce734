"""The page that asks for a recovery code."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import TooMany
from warehouse.operations.recovery_codes import Burning, burn
from warehouse.web.language import _
from warehouse.web.pages.account.recovery_code.page import RecoveryCodePage
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.second_step import in_second_step, let_in
from warehouse.web.security.origins import form_can_be_sent
from warehouse.web.too_often import told_to_wait, wait

SENTENCES = {
    Burning.BURNED_BEFORE: _("This recovery code was used before. Take another one."),
    Burning.UNKNOWN: _("This is not one of your recovery codes. A code has 16 letters and digits."),
}


@view_config(route_name="account.recovery_code", request_method="GET")
def ask(request: Request) -> Response:
    """The form."""
    who = in_second_step(request)
    return who if isinstance(who, Response) else _form(request)


@view_config(route_name="account.recovery_code", request_method="POST")
def check(request: Request) -> Response:
    """A recovery code, which is used up also when the network address still has to be confirmed."""
    who = in_second_step(request)
    if isinstance(who, Response):
        return who
    try:
        outcome = burn(request.work, who.user, request.form.get("recovery_code_value", ""), to_sign_in=True)
    except TooMany as refusal:
        request.undo()
        return told_to_wait(_form(request, wait(refusal)), refusal)
    if outcome is not Burning.DONE:
        return _form(request, SENTENCES[outcome])
    request.flash(_("The recovery code was accepted. It cannot be used again."))
    return let_in(request, who, method="recovery-code")


def _form(request: Request, mistake: str | None = None) -> Response:
    page = RecoveryCodePage(request.query_string, {"recovery_code_value": mistake} if mistake else {})
    status = 400 if mistake else 200
    return form_can_be_sent(render(request, "pages/account/recovery_code/page.html", page, status=status))
