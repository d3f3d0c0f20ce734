"""Setting up an app that shows codes, and taking it away."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.operations.totp import add_app, remove_app
from warehouse.standards import qr, totp
from warehouse.web.language import _
from warehouse.web.pages.manage.totp.page import TotpPage, forget_secret, kept_secret, secret_of
from warehouse.web.pages.manage.two_factor.asking_again import A_MOMENT_AGO, JUST_NOW
from warehouse.web.pages.manage.two_factor.steps import step_before
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs

SENTENCES = {
    "wrong_code": _("This is not the code that the app shows now. Wait for the next one and type it in."),
    "out_of_sync": _(
        "This code is some minutes off. Set the clock of the device with the app to the right time, "
        "and type a new code."
    ),
}


@view_config(route_name="manage.totp", request_method="GET", needs=Needs.VERIFIED, recent=True)
def ask(request: Request) -> Response:
    """The secret, as a picture and as text, and the form for a code that shows that the app has it."""
    return step_before(request) or _form(request)


@view_config(route_name="manage.totp.image", request_method="GET", needs=Needs.VERIFIED, recent=True)
def image(request: Request) -> Response:
    """The picture to scan; refuses with :class:`NotFound` when nothing is being set up."""
    assert request.user is not None and request.visit is not None
    secret = kept_secret(request)
    if secret is None:
        raise NotFound("There is no app being set up.")
    uri = totp.provisioning_uri(secret, issuer=request.settings.site.name, username=request.user.username)
    return Response(qr.svg(uri), content_type="image/svg+xml", charset="UTF-8", cache_control="private, no-store")


@view_config(route_name="manage.totp", request_method="POST", needs=Needs.VERIFIED, recent=True)
def add(request: Request) -> Response:
    """A code that the app shows."""
    assert request.user is not None and request.visit is not None
    before = step_before(request)
    if before is not None:
        return before
    try:
        add_app(request.work, request.user, secret_of(request), request.form.get("totp_value", ""))
    except Invalid as refusal:
        return _form(request, SENTENCES[refusal.code])
    forget_secret(request)
    request.flash(_("Your authentication app is set up. Signing in takes one of its codes from now on."))
    return see_other(request, "manage.two_factor")


@view_config(route_name="manage.totp.remove", request_method="GET", needs=Needs.VERIFIED, recent=JUST_NOW)
def ask_to_remove(request: Request) -> Response:
    """The button, after the password."""
    return render(request, "pages/manage/totp/remove.html", None)


@view_config(route_name="manage.totp.remove", request_method="POST", needs=Needs.VERIFIED, recent=A_MOMENT_AGO)
def remove(request: Request) -> Response:
    """The app is not wanted any more."""
    assert request.user is not None
    try:
        remove_app(request.work, request.user)
    except (Conflict, NotFound) as refusal:
        request.undo()
        request.flash(refusal.sentence, "error")
    else:
        request.flash(_("The authentication app is removed."))
    return see_other(request, "manage.two_factor")


def _form(request: Request, mistake: str | None = None) -> Response:
    assert request.user is not None and request.visit is not None
    replaces = request.user.totp_secret is not None
    page = TotpPage.of(secret_of(request), replaces=replaces, mistake=mistake)
    return render(request, "pages/manage/totp/page.html", page, status=400 if mistake else 200)
