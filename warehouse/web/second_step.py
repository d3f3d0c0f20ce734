"""Signing in between the password and the session: who is asked for a second factor, and how they are let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from pyramid.response import Response

from warehouse.errors import Invalid
from warehouse.events import Method
from warehouse.operations.recovery_codes import remind_of_codes
from warehouse.operations.second_factors import Asked, asked, remember_device
from warehouse.operations.sign_in import finish
from warehouse.web.redirects import see_other, see_path
from warehouse.web.request import Request
from warehouse.web.signing_in import admit_visitor

REMEMBERED = "remember_device"
"""The cookie of a browser that is spared the second factor; only the page that asks for the password gets it."""

SIGN_IN = "/account/login/"


def in_second_step(request: Request) -> Asked | Response:
    """Who gave their password a moment ago: the query is what the first step signed. Others are led elsewhere."""
    if request.user is not None:
        return see_other(request, "manage.projects")
    try:
        return asked(request.work, request.query_string)
    except Invalid as refusal:
        request.flash(refusal.sentence, "error")
        return see_other(request, "account.sign_in")


def let_in(
    request: Request,
    who: Asked,
    *,
    method: str,
    label: str | None = None,
    remember: Method | None = None,
    answer: Callable[[str], Response] = see_path,
) -> Response:
    """Sign in whoever has shown a second factor, and lead them on.

    With ``remember`` their browser is spared it from now on, unless the network address still has to be confirmed:
    otherwise a code that was talked out of somebody would be good for a month.
    """
    remind_of_codes(request.work, who.user)
    finished = finish(request.work, who.user, method=method, next=who.next, label=label)
    response = answer(finished.location)
    if finished.secret is None:
        return response
    admit_visitor(request, response, finished.secret, who.user)
    if remember is not None:
        response.set_cookie(
            REMEMBERED,
            remember_device(request.work, who.user, remember),
            path=SIGN_IN,
            max_age=request.settings.sessions.remember_device,
            httponly=True,
            secure=request.scheme == "https",
            samesite="Strict",
        )
    return response


def as_json(said: Mapping[str, Any]) -> Response:
    """What a script is told; nobody keeps it."""
    return Response(orjson.dumps(said), content_type="application/json", charset=None, cache_control="no-store")


def failed(*sentences: str) -> Response:
    """What a script is told when it did not work, to be shown beside the button."""
    return as_json({"fail": {"errors": list(sentences)}})
