"""Opening an account, without an invitation."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.domain.accounts import Invitation
from warehouse.errors import Mistakes, NotAllowed
from warehouse.infra.captcha import open_captcha
from warehouse.operations.registration import refuse_registration, register
from warehouse.operations.sessions import admit
from warehouse.web.language import _
from warehouse.web.pages.account.register.forms import TRAP, RegistrationForm, by_field
from warehouse.web.pages.account.register.page import show
from warehouse.web.redirects import see_other
from warehouse.web.request import Request
from warehouse.web.signing_in import admit_visitor


@view_config(route_name="account.register", request_method="GET")
def ask(request: Request) -> Response:
    """The form."""
    return _turned_away(request) or show(request, RegistrationForm())


@view_config(route_name="account.register", request_method="POST")
def enter(request: Request) -> Response:
    """Open the account and sign its owner in, or show the form again with everything that was wrong."""
    away = _turned_away(request)
    if away is not None:
        return away
    form = RegistrationForm.of(request.form)
    try:
        response = opened(request, form)
    except Mistakes as refusal:
        request.undo()
        return show(request, form, mistakes=refusal.by_field)
    assert request.user is not None
    request.flash(
        _("Welcome. A mail is on its way to %(address)s: open the link in it to verify the address.")
        % {"address": request.user.emails[0].address}
    )
    return response


def opened(request: Request, form: RegistrationForm, invitation: Invitation | None = None) -> Response:
    """The answer that lets in whoever filled in the form; refuses with :class:`Mistakes`, by the form's own names."""
    noted = form.own_mistakes
    if invitation is None:
        noted |= _captcha_mistakes(request)
    try:
        user = register(request.work, form.applicant, invitation=invitation, noted=noted)
    except Mistakes as refusal:
        raise Mistakes(by_field(refusal)) from refusal
    response = see_other(request, "home")
    admit_visitor(request, response, admit(request.work, user, method="registration"), user)
    return response


def _turned_away(request: Request) -> Response | None:
    """Where those are sent who have an account, are no people, or cannot have one now; None for the others."""
    if request.user is not None:
        return see_other(request, "manage.projects")
    if request.method == "POST" and request.form.get(TRAP):
        return see_other(request, "home")  # which tells a machine nothing
    try:
        refuse_registration(request.work)
    except NotAllowed as refusal:
        request.flash(refusal.sentence, "error")
        return see_other(request, "home")
    return None


def _captcha_mistakes(request: Request) -> dict[str, str]:
    captcha = open_captcha(request.settings)
    if captcha.vendor is None:
        return {}
    request.undo()  # nothing was done so far, and no connection to the database is held while the vendor is asked
    response = request.form.get(captcha.vendor.response_field, "")
    match captcha.passes(response, address=request.remote_addr):
        case True:
            return {}
        case False:
            return {"captcha": _("Answer the question that shows that you are no machine.")}
    return {
        "": _("%(vendor)s cannot be asked at present. Try again in some minutes.") % {"vendor": captcha.vendor.name}
    }
