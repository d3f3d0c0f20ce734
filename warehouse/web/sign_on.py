"""Sending browsers to issuers of single sign-on, and knowing them again by a cookie when they come back."""

from __future__ import annotations

from pyramid.response import Response

from warehouse.errors import Unavailable
from warehouse.operations import sign_on
from warehouse.operations.sign_on import LIFETIME, Aim, Leaving
from warehouse.web.redirects import see_other, see_path
from warehouse.web.request import Request

PATH = "/account/sso/"
LONGEST = 100  # characters


def depart(request: Request, name: str, aim: Aim, *, next: str) -> Response:
    """The answer that sends the browser to the issuer."""
    try:
        leaving = sign_on.leave(
            request.work, name, aim=aim, next=next, browser=browser_of(request), session=request.visit
        )
    except Unavailable as refusal:
        return sent_back(request, refusal.sentence)
    response = see_path(leaving.location)
    _keep_browser(request, response, leaving)
    return response


def sent_back(request: Request, sentence: str) -> Response:
    """Where somebody goes on whom the issuer did not help: whoever is signed in already has nothing to do with it."""
    request.flash(sentence, "error")
    return see_other(request, "account.sign_in" if request.visit is None else "manage.associations")


def browser_of(request: Request) -> str | None:
    """What the cookie holds."""
    value = request.cookies.get(_name(request))
    return value if value and len(value) <= LONGEST else None


def _keep_browser(request: Request, response: Response, leaving: Leaving) -> None:
    """The way back is a link of another site, to which "Strict" would not be sent."""
    response.set_cookie(
        _name(request),
        leaving.browser,
        path=PATH,
        max_age=LIFETIME,
        httponly=True,
        secure=request.scheme == "https",
        samesite="Lax",
    )


def _name(request: Request) -> str:
    """A cookie with the prefix is only taken over TLS; a page at an address without it cannot plant one."""
    return "__Secure-sso" if request.scheme == "https" else "sso"
