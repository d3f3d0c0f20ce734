"""Linking accounts elsewhere with one's own, and unlinking them."""

from __future__ import annotations

import hmac
import uuid

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.domain.accounts.associations import ISSUER
from warehouse.errors import Conflict, Invalid, NotFound, Unavailable
from warehouse.operations.associations import connect, disconnect, leave_for, title_of
from warehouse.operations.sign_on import Aim
from warehouse.web.language import _
from warehouse.web.pages.manage.associations.page import associations_page, key_of
from warehouse.web.redirects import see_other, see_path
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs
from warehouse.web.sign_on import depart

PAGE = "manage.associations"


@view_config(route_name="manage.associations", request_method="GET", needs=Needs.SECURED, recent=True)
def show(request: Request) -> Response:
    """What is linked, and what could be."""
    return render(request, "pages/manage/associations/page.html", associations_page(request))


@view_config(route_name="manage.associations.connect", request_method="GET", needs=Needs.SECURED, recent=True)
def leave(request: Request) -> Response:
    """Send the browser where the account is, if the link stood on our page; else that page has one."""
    service = request.matchdict["service"]
    if not hmac.compare_digest(request.GET.get("key", "").encode(), key_of(request, service).encode()):
        return see_other(request, PAGE)
    if service.startswith(ISSUER):
        return depart(request, service.removeprefix(ISSUER), Aim.CONNECT, next=request.route_path(PAGE))
    assert request.visit is not None
    return see_path(leave_for(request.work, request.visit, service))


@view_config(route_name="manage.associations.callback", request_method="GET", needs=Needs.SIGNED_IN)
def come_back(request: Request) -> Response:
    """Link the account that was shown."""
    assert request.user is not None and request.visit is not None
    service = request.matchdict["service"]
    try:
        association = connect(request.work, request.user, request.visit, service, dict(request.GET.items()))
    except (Invalid, Conflict, Unavailable) as refusal:
        request.undo()
        request.flash(refusal.sentence, "error")
        return see_other(request, PAGE)
    named = {"service": title_of(request.settings, service), "username": association.external_username}
    request.flash(_("%(username)s at %(service)s is linked with your account.") % named)
    return see_other(request, PAGE)


@view_config(route_name="manage.associations.remove", request_method="POST", needs=Needs.SECURED, recent=True)
def remove(request: Request) -> Response:
    """Unlink an account."""
    assert request.user is not None
    try:
        association = disconnect(request.work, request.user, _id_of(request))
    except (Conflict, NotFound) as refusal:
        request.undo()
        request.flash(refusal.sentence, "error")
        return see_other(request, PAGE)
    named = {"service": title_of(request.settings, association.service), "username": association.external_username}
    request.flash(_("%(username)s at %(service)s is no longer linked with your account.") % named)
    return see_other(request, PAGE)


def _id_of(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.matchdict["id"])
    except ValueError:
        raise NotFound("No such account is linked; it may have been removed.", code="no_such_association") from None
