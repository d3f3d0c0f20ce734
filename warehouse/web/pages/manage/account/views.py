"""One's own profile: what others see, and what one sees oneself."""

from __future__ import annotations

from contextlib import nullcontext

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid
from warehouse.operations.profile import set_name
from warehouse.web.avatars import avatar_origin
from warehouse.web.forms import mistakes_of
from warehouse.web.language import _, speaking
from warehouse.web.pages.manage.account.forms import PreferencesForm
from warehouse.web.pages.manage.account.page import account_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.cookies import set_language
from warehouse.web.security.gates import Needs
from warehouse.web.security.policy import allow

FIELDS = {"bad_name": "name", "bad_language": "language", "bad_time_zone": "time_zone"}


@view_config(route_name="manage.account", request_method="GET", needs=Needs.VERIFIED, recent=True)
def account(request: Request) -> Response:
    """The forms, filled in."""
    return _page(request)


@view_config(route_name="manage.account.profile", request_method="POST", needs=Needs.VERIFIED, recent=True)
def save_profile(request: Request) -> Response:
    """Keep the name."""
    assert request.user is not None
    name = request.form.get("name", "")
    try:
        set_name(request.work, request.user, name)
    except Invalid as refusal:
        return _page(request, refusal, name=name)
    request.flash(_("Your profile is saved."))
    return see_other(request, "manage.account")


@view_config(route_name="manage.account.preferences", request_method="POST", needs=Needs.VERIFIED)
def save_preferences(request: Request) -> Response:
    """Keep language and time zone."""
    assert request.user is not None
    form = PreferencesForm.of(request.form)
    try:
        form.save(request.work, request.user)
    except Invalid as refusal:
        request.undo()
        return _page(request, refusal, preferences=form)
    with speaking(form.language) if form.language else nullcontext():
        request.flash(_("Your preferences are saved."))
    response = see_other(request, "manage.account")
    set_language(request, response, form.language or None)
    return response


def _page(
    request: Request,
    refusal: Invalid | None = None,
    *,
    name: str | None = None,
    preferences: PreferencesForm | None = None,
) -> Response:
    assert request.user is not None
    mistakes = mistakes_of(refusal, FIELDS) if refusal is not None else {}
    page = account_page(request.work, request.user, name=name, preferences=preferences, mistakes=mistakes)
    response = render(request, "pages/manage/account/page.html", page, status=400 if mistakes else 200)
    if (origin := avatar_origin(request.settings)) is not None:
        allow(response, "img-src", origin)
    return response
