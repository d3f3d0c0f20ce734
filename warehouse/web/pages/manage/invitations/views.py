"""Inviting people, for administrators."""

from __future__ import annotations

import uuid

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.operations.invitations import find_invitation, invite, revoke_invitation
from warehouse.web.language import _
from warehouse.web.pages.manage.invitations.page import InvitationsPage, invitations_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs


@view_config(route_name="manage.invitations", request_method="GET", needs=Needs.SECURED, recent=True)
def show(request: Request) -> Response:
    """Whom was invited, and the form."""
    return _page(request, invitations_page(request))


@view_config(route_name="manage.invitations", request_method="POST", needs=Needs.SECURED, recent=True)
def send(request: Request) -> Response:
    """Invite somebody."""
    typed = request.form.get("email", "").strip()
    try:
        invitation = invite(request.work, typed)
    except (Invalid, Conflict) as refusal:
        request.undo()
        return _page(request, invitations_page(request, typed=typed, mistakes={"email": refusal.sentence}))
    request.flash(_("%(address)s is invited: a mail is on its way.") % {"address": invitation.address})
    return see_other(request, "manage.invitations")


@view_config(route_name="manage.invitations.revoke", request_method="POST", needs=Needs.SECURED, recent=True)
def revoke(request: Request) -> Response:
    """Take an invitation back."""
    try:
        invitation = find_invitation(request.work, _number(request.matchdict["id"]))
        revoke_invitation(request.work, invitation)
    except NotFound:
        request.flash(_("There is no such invitation; it may have been used."), "warning")
    else:
        request.flash(_("%(address)s is no longer invited.") % {"address": invitation.address})
    return see_other(request, "manage.invitations")


def _number(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound("There is no such invitation.") from error


def _page(request: Request, page: InvitationsPage) -> Response:
    return render(request, "pages/manage/invitations/page.html", page, status=400 if page.mistakes else 200)
