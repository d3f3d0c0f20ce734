"""Adding security keys, and taking them away."""

from __future__ import annotations

import uuid

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.operations.security_keys import add_key, begin_adding, remove_key
from warehouse.web.language import _
from warehouse.web.pages.manage.security_key.page import security_key_page
from warehouse.web.pages.manage.two_factor.steps import step_before
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.second_step import as_json, failed
from warehouse.web.security.gates import Needs
from warehouse.web.security.keys import key_site


@view_config(route_name="manage.security_key", request_method="GET", needs=Needs.VERIFIED, recent=True)
def ask(request: Request) -> Response:
    """The form for the key's name; the rest is the browser's."""
    before = step_before(request)
    if before is not None:
        return before
    return render(request, "pages/manage/security_key/page.html", security_key_page(request), scripts=["webauthn"])


@view_config(route_name="manage.security_key.options", request_method="GET", needs=Needs.VERIFIED, recent=True)
def options(request: Request) -> Response:
    """What the browser is asked to make a key with."""
    assert request.user is not None and request.visit is not None
    try:
        return as_json(begin_adding(request.work, request.user, key_site(request), step=str(request.visit.id)))
    except Conflict as refusal:
        return failed(refusal.sentence)


@view_config(route_name="manage.security_key.validate", request_method="POST", needs=Needs.VERIFIED, recent=True)
def validate(request: Request) -> Response:
    """The key that the browser made."""
    assert request.user is not None and request.visit is not None
    site, step, form = key_site(request), str(request.visit.id), request.form
    try:
        key = add_key(
            request.work,
            request.user,
            site,
            step=step,
            label=form.get("label", ""),
            answer=form.get("credential", ""),
        )
    except (Invalid, Conflict) as refusal:
        return failed(refusal.sentence)
    request.flash(_("The security key %(label)s is added.") % {"label": key.label})
    path = request.route_path("manage.two_factor")
    return as_json({"success": _("Successful WebAuthn registration"), "redirect_to": path})


@view_config(route_name="manage.security_key.remove", request_method="POST", needs=Needs.VERIFIED, recent=True)
def remove(request: Request) -> Response:
    """A key is not wanted any more; its label has been typed."""
    assert request.user is not None
    try:
        key_id = _parsed(request.matchdict["id"])
        remove_key(request.work, request.user, key_id, typed_label=request.form.get("confirm_label", ""))
    except (Invalid, Conflict, NotFound) as refusal:
        request.undo()
        request.flash(refusal.sentence, "error")
    else:
        request.flash(_("The security key is removed."))
    return see_other(request, "manage.two_factor")


def _parsed(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound("There is no such security key.", code="no_such_factor") from error
