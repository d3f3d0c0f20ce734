"""What a view needs of whoever asks, said where the view is declared and asked before it runs."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from enum import IntEnum
from typing import Any

from pyramid.response import Response

from warehouse.authz import Permission, allowed
from warehouse.domain.accounts import User
from warehouse.errors import NotAllowed
from warehouse.operations.second_factors import lacks_factor
from warehouse.operations.sessions import is_recent
from warehouse.operations.tokens import actor_of
from warehouse.web.language import _
from warehouse.web.redirects import see_other
from warehouse.web.request import SAFE, Request
from warehouse.web.security.origins import require_own_page
from warehouse.web.shared import is_for_everybody

View = Callable[[Any, Request], Response]


class Needs(IntEnum):
    """How well known somebody has to be; each includes those before it."""

    NOTHING = 0
    SIGNED_IN = 1
    VERIFIED = 2  # with a verified primary address, where the index asks for one
    SECURED = 3  # with a second factor, where the index asks for one


def gate(view: View, info: Any) -> View:
    """The deriver: wraps each view into the questions that its options ``needs``, ``reads``, ``recent``, ``csrf`` ask.

    ``reads`` keeps out those who may not read the index, where not everybody may.
    ``recent`` is how long ago the password may have been typed, True for the usual time. A view that changes something
    is only reached by a form from our own page, which ``csrf=False`` leaves out for calls of other machines.
    """
    needs: Needs = info.options.get("needs") or Needs.NOTHING
    recent: timedelta | bool | None = info.options.get("recent")
    checks_forms = info.options.get("csrf") is not False
    reads = bool(info.options.get("reads"))
    if info.exception_only:
        return view

    def gated(context: Any, request: Request) -> Response:
        if checks_forms and request.method not in SAFE:
            _require_own_form(request)
        answer = _turned_away(request, needs) if needs else None
        if answer is None and reads and not may_read(request):
            answer = see_other(request, "account.sign_in", query=_back(request))
        if answer is None and recent and request.visit is not None:
            limit = recent if isinstance(recent, timedelta) else None
            if not is_recent(request.work, request.visit, limit):
                answer = request.registry.reauthentication(request)
        return answer or view(context, request)

    return gated


gate.options = ("needs", "reads", "recent", "csrf")  # type: ignore[attr-defined]


def may_read(request: Request) -> bool:
    """Whether the visitor may see what is in the index: by their session, or by the token that a program sends."""
    if is_for_everybody(request) or allowed(request.work.actor, Permission.READ_INDEX):
        return True
    if request.headers.get("Authorization") is None:
        return False
    bearer = actor_of(
        request.work.db,
        request.tools,
        request.headers["Authorization"],
        now=request.work.now,
        address=request.remote_addr,
        user_agent=request.user_agent,
    )
    return allowed(bearer, Permission.READ_INDEX)


def page_behind(request: Request) -> str:
    """The route of the page that the form stood on: the nearest above the one asked for that can be looked at."""
    name = request.matched_route.name
    while name and "GET" not in request.registry.methods.get(name, ()):
        name = name.rpartition(".")[0]
    return name or "manage.account"


def _require_own_form(request: Request) -> None:
    require_own_page(request)
    if request.visitor is None:
        return
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), request.visitor.csrf_token.encode()):
        raise NotAllowed(
            "This form is not from your present session. Open the page again and send it anew.", code="csrf"
        )


def _turned_away(request: Request, needs: Needs) -> Response | None:
    """Where whoever is not known well enough is sent; None for the others."""
    user = request.user
    if user is None:
        return see_other(request, "account.sign_in", query=_back(request))
    access = request.settings.access
    if needs >= Needs.VERIFIED and access.require_verified_email and not is_verified(user):
        request.flash(_("Verify your e-mail address first."), "warning")
        return see_other(request, "manage.unverified_account", query=_back(request))
    if needs >= Needs.SECURED and lacks_factor(request.work, user):
        request.flash(_("Set up two-factor authentication first."), "warning")
        return see_other(request, "manage.two_factor", query=_back(request))
    return None


def is_verified(user: User) -> bool:
    """Whether mail about the account reaches its owner."""
    return user.primary_email is not None and user.primary_email.is_verified


def _back(request: Request) -> dict[str, str]:
    """Where to go on afterwards: what a form was sent to cannot be looked at."""
    return {"next": request.path_qs} if request.method in SAFE else {}
