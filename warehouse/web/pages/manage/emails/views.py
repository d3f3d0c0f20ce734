"""Adding, verifying, choosing and removing one's addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.domain.accounts import User
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from warehouse.operations import emails
from warehouse.operations.profile import set_public_email
from warehouse.web.language import _
from warehouse.web.pages.manage.emails.page import emails_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs, is_verified
from warehouse.work import Work


@view_config(route_name="manage.emails", request_method="GET", needs=Needs.VERIFIED, recent=True)
def show(request: Request) -> Response:
    """The addresses, and the form that adds one."""
    return render(request, "pages/manage/emails/page.html", emails_page(request))


@view_config(route_name="manage.emails.add", request_method="POST", needs=Needs.VERIFIED, recent=True)
def add(request: Request) -> Response:
    """One more address."""
    assert request.user is not None
    typed = request.form.get("email", "").strip()
    try:
        emails.add_email(request.work, request.user, typed)
    except (Invalid, Conflict) as refusal:
        request.undo()
        page = emails_page(request, typed=typed, mistakes={"email": refusal.sentence})
        return render(request, "pages/manage/emails/page.html", page, status=400)
    request.flash(_("A mail is on its way to %(address)s: open the link in it.") % {"address": typed})
    return see_other(request, "manage.emails")


@view_config(route_name="manage.emails.remove", request_method="POST", needs=Needs.VERIFIED, recent=True)
def remove(request: Request) -> Response:
    """One address less."""
    return _done(request, emails.remove_email, _("The address is removed."))


@view_config(route_name="manage.emails.make_primary", request_method="POST", needs=Needs.SIGNED_IN, recent=True)
def make_primary(request: Request) -> Response:
    """Mail goes to this one; also for whoever has no verified primary address and gets no further without one."""
    return _done(request, emails.make_primary, _("Mail about your account goes to this address from now on."))


@view_config(route_name="manage.emails.verify", request_method="POST", needs=Needs.SIGNED_IN)
def verify(request: Request) -> Response:
    """Another link."""
    return _done(request, emails.send_verification, _("A mail is on its way: open the link in it."))


@view_config(route_name="manage.emails.make_public", request_method="POST", needs=Needs.VERIFIED, recent=True)
def make_public(request: Request) -> Response:
    """Others see this address, or none."""
    assert request.user is not None
    address = request.form.get("public_email", "")
    try:
        set_public_email(request.work, request.user, address or None)
    except Invalid as refusal:
        request.flash(refusal.sentence, "error")
    else:
        request.flash(_("Others see this address now.") if address else _("Others see no address of yours now."))
    return see_other(request, "manage.emails")


def _done(request: Request, operation: Callable[[Work, User, int], Any], sentence: str) -> Response:
    """Do it to the address that the path names; whatever comes of it is said on the page with the addresses."""
    assert request.user is not None
    try:
        # Larger numbers than the database has belong to no address.
        operation(request.work, request.user, int(request.matchdict["id"][:18]))
    except (Invalid, Conflict, NotAllowed, NotFound, TooMany) as refusal:
        request.undo()
        request.flash(refusal.sentence, "error")
    else:
        request.flash(sentence)
    is_enough = is_verified(request.user) or not request.settings.access.require_verified_email
    return see_other(request, "manage.emails" if is_enough else "manage.unverified_account")
