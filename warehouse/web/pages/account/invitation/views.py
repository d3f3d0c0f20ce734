"""The link in an invitation: the form of registering, with the address given."""

from __future__ import annotations

from dataclasses import replace

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.domain.accounts import Invitation
from warehouse.errors import Invalid, Mistakes, NotAllowed
from warehouse.operations.invitations import invitation_of
from warehouse.operations.registration import refuse_registration
from warehouse.web.language import _
from warehouse.web.pages.account.register.forms import TRAP, RegistrationForm
from warehouse.web.pages.account.register.page import show
from warehouse.web.pages.account.register.views import opened
from warehouse.web.redirects import see_other
from warehouse.web.request import Request


@view_config(route_name="account.invitation", request_method="GET")
def ask(request: Request) -> Response:
    """The form, while the link is good."""
    token = request.GET.get("token", "")
    found = _invitation(request, token)
    if isinstance(found, Response):
        return found
    return show(request, RegistrationForm(email=found.address), invitation=token)


@view_config(route_name="account.invitation", request_method="POST")
def enter(request: Request) -> Response:
    """Open the account and sign its owner in, or show the form again with everything that was wrong."""
    token = request.form.get("token", "")
    found = _invitation(request, token)
    if isinstance(found, Response):
        return found
    form = replace(RegistrationForm.of(request.form), email=found.address)
    try:
        response = opened(request, form, found)
    except Mistakes as refusal:
        request.undo()
        return show(request, form, mistakes=_shown(refusal), invitation=token)
    request.flash(_("Welcome. Your account is open, and your address is verified."))
    return response


def _invitation(request: Request, token: str) -> Invitation | Response:
    """The invitation, or where those are sent who have none that is good."""
    if request.user is not None:
        request.flash(_("You have an account already. Sign out first to open another one."), "warning")
        return see_other(request, "manage.projects")
    if request.method == "POST" and request.form.get(TRAP):
        return see_other(request, "home")
    try:
        refuse_registration(request.work, invited=True)
        return invitation_of(request.work, token)
    except (Invalid, NotAllowed) as refusal:
        request.flash(refusal.sentence, "error")
        return see_other(request, "home")


def _shown(refusal: Mistakes) -> dict[str, str]:
    """The mistakes; the address has no field here, so that what is wrong with it is said above the form."""
    return {"" if name == "email" else name: sentence for name, sentence in refusal.by_field.items()}
