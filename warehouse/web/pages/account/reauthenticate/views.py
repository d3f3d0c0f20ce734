"""Typing the password again, before something sensitive."""

from __future__ import annotations

from typing import Any

import orjson
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid, TooMany
from warehouse.operations.passwords import prove
from warehouse.standards.redirects import place_on_this_site
from warehouse.web.language import _
from warehouse.web.redirects import see_path
from warehouse.web.refusals import refused
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs
from warehouse.web.too_often import told_to_wait

RESERVED = frozenset({"self", "route_name"})
"""What no part of an address is called, since ``Request.route_path`` has parameters of these names."""


@view_config(route_name="account.reauthenticate", request_method="POST", needs=Needs.SIGNED_IN)
def reauthenticate(request: Request) -> Response:
    """Lead back to the page that asked, whether the password was right or not: if not, it asks again."""
    assert request.user is not None
    response = see_path(_place(request))
    try:
        is_right = prove(request.work, request.user, request.form.get("password", ""), session=request.visit)
    except TooMany as refusal:
        request.undo()
        return told_to_wait(refused(refusal, request), refusal)
    if not is_right:
        request.flash(_("The password is wrong. Try again."), "error")
    return response


def _place(request: Request) -> str:
    """The path that the form's hidden fields name; refuses what our form does not hold with :class:`Invalid`."""
    name = request.form.get("next_route", "")
    matched = _object(request.form.get("next_route_matchdict", ""))
    query = _object(request.form.get("next_route_query", ""))
    # Names that begin with an underscore are orders to Pyramid, such as another host; two more are its own.
    if any(key.startswith("_") or key in RESERVED or not isinstance(value, str) for key, value in matched.items()):
        raise _not_ours()
    pairs = [
        (key, value) for key, values in query.items() for value in (values if isinstance(values, list) else [values])
    ]
    if not all(isinstance(value, str) for _key, value in pairs):
        raise _not_ours()
    try:
        path = request.route_path(name, _query=pairs, **matched)
    except KeyError as error:  # no such route, or not all of its parts
        raise _not_ours() from error
    place = place_on_this_site(path, request.host)
    if place is None:
        raise _not_ours()
    return place


def _object(text: str) -> dict[str, Any]:
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _not_ours() from error
    if not isinstance(read, dict):
        raise _not_ours()
    return read


def _not_ours() -> Invalid:
    return Invalid("This form is not one of ours. Open the page that you want again.", code="bad_next")
