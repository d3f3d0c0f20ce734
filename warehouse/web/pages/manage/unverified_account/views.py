"""The page of an account without a verified primary address."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid, NotAllowed
from warehouse.operations.emails import replace_email
from warehouse.web.language import _
from warehouse.web.pages.manage.emails.page import EmailsPage, emails_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs, is_verified


@view_config(route_name="manage.unverified_account", request_method="GET", needs=Needs.SIGNED_IN)
def show(request: Request) -> Response:
    """The addresses, and how one of them gets verified."""
    return _verified(request) or _page(request, emails_page(request))


@view_config(route_name="manage.unverified_account.replace", request_method="POST", needs=Needs.SIGNED_IN)
def replace(request: Request) -> Response:
    """Another address in the place of one that was mistyped."""
    away = _verified(request)
    if away is not None:
        return away
    assert request.user is not None
    typed = request.form.get("email", "").strip()
    try:
        email = replace_email(request.work, request.user, typed)
    except (Invalid, Conflict, NotAllowed) as refusal:
        request.undo()
        about = "" if isinstance(refusal, NotAllowed) else "email"
        return _page(request, emails_page(request, typed=typed, mistakes={about: refusal.sentence}))
    request.flash(_("A mail is on its way to %(address)s: open the link in it.") % {"address": email.address})
    return see_other(request, "manage.unverified_account")


def _verified(request: Request) -> Response | None:
    """Where those go on who need not be here."""
    assert request.user is not None
    return see_other(request, "manage.emails") if is_verified(request.user) else None


def _page(request: Request, page: EmailsPage) -> Response:
    return render(request, "pages/manage/unverified_account/page.html", page, status=400 if page.mistakes else 200)
