"""Generating recovery codes, and trying one."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import TooMany
from warehouse.operations.recovery_codes import Burning, burn, codes_left, generate
from warehouse.web.language import _
from warehouse.web.pages.account.recovery_code.views import SENTENCES
from warehouse.web.pages.manage.recovery_codes.page import BurnPage, CodesPage, GeneratePage
from warehouse.web.pages.manage.two_factor.asking_again import A_MOMENT_AGO, JUST_NOW
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs
from warehouse.web.too_often import told_to_wait, wait

GENERATE, REGENERATE = "manage.recovery_codes.generate", "manage.recovery_codes.regenerate"


@view_config(route_name=GENERATE, request_method="GET", needs=Needs.VERIFIED, recent=JUST_NOW)
@view_config(route_name=REGENERATE, request_method="GET", needs=Needs.VERIFIED, recent=JUST_NOW)
def ask(request: Request) -> Response:
    """The button, after the password: looking at a page changes nothing."""
    assert request.user is not None
    left = codes_left(request.work.db, request.user)
    fitting = REGENERATE if left else GENERATE
    if request.matched_route.name != fitting:
        return see_other(request, fitting)
    page = GeneratePage(request.route_path(fitting), left)
    return render(request, "pages/manage/recovery_codes/page.html", page)


@view_config(route_name=GENERATE, request_method="POST", needs=Needs.VERIFIED, recent=A_MOMENT_AGO)
@view_config(route_name=REGENERATE, request_method="POST", needs=Needs.VERIFIED, recent=A_MOMENT_AGO)
def make(request: Request) -> Response:
    """New codes, shown this once. Codes that are there are only made void by who knows of them."""
    assert request.user is not None
    if request.matched_route.name == GENERATE and codes_left(request.work.db, request.user):
        return see_other(request, REGENERATE)
    page = CodesPage.of(request, generate(request.work, request.user))
    return render(request, "pages/manage/recovery_codes/codes.html", page, scripts=["copy"])


@view_config(route_name="manage.recovery_codes.burn", request_method="GET", needs=Needs.VERIFIED)
def ask_for_one(request: Request) -> Response:
    """The form for a code; without codes there is nothing to try."""
    assert request.user is not None
    if not codes_left(request.work.db, request.user):
        request.flash(_("Generate recovery codes first."), "warning")
        return see_other(request, "manage.two_factor")
    return _form(request)


@view_config(route_name="manage.recovery_codes.burn", request_method="POST", needs=Needs.VERIFIED)
def try_one(request: Request) -> Response:
    """A code, used up to show that it was kept."""
    assert request.user is not None
    try:
        outcome = burn(request.work, request.user, request.form.get("recovery_code_value", ""), to_sign_in=False)
    except TooMany as refusal:
        request.undo()
        return told_to_wait(_form(request, wait(refusal)), refusal)
    if outcome is not Burning.DONE:
        return _form(request, SENTENCES[outcome])
    request.flash(_("The recovery code was accepted. It cannot be used again."))
    return see_other(request, "manage.two_factor")


def _form(request: Request, mistake: str | None = None) -> Response:
    page = BurnPage({"recovery_code_value": mistake} if mistake else {})
    return render(request, "pages/manage/recovery_codes/burn.html", page, status=400 if mistake else 200)
