"""Leaving for an issuer of single sign-on, and coming back from it."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid, NotAllowed, Unavailable
from warehouse.operations import sign_on
from warehouse.operations.second_factors import ask_for
from warehouse.operations.sign_in import finish
from warehouse.operations.sign_on import Aim, Arrived
from warehouse.web.language import _
from warehouse.web.next_place import next_place
from warehouse.web.redirects import see_path
from warehouse.web.request import Request
from warehouse.web.sign_on import browser_of, depart, sent_back
from warehouse.web.signing_in import admit_visitor

PROJECTS = "/manage/projects/"


@view_config(route_name="account.sign_on.begin", request_method="GET")
def begin(request: Request) -> Response:
    """Send the browser to the issuer; with ``again`` whoever is signed in proves there that it is still them."""
    place = next_place(request)
    is_again = "again" in request.GET and request.visit is not None
    if request.visit is not None and not is_again:
        return see_path(place or PROJECTS)
    return depart(request, request.matchdict["issuer"], Aim.PROVE if is_again else Aim.SIGN_IN, next=place)


@view_config(route_name="account.sign_on.callback", request_method="GET")
def come_back(request: Request) -> Response:
    """Let in whoever the issuer vouches for."""
    name = request.matchdict["issuer"]
    query = dict(request.GET.items())
    try:
        arrived = sign_on.arrive(request.work, name, query, browser=browser_of(request), session=request.visit)
    except (Invalid, NotAllowed, Conflict, Unavailable) as refusal:
        request.undo()
        return sent_back(request, refusal.sentence)
    if arrived.user is None:
        return sent_back(request, arrived.sentence)
    if arrived.aim is Aim.SIGN_IN:
        return _let_in(request, name, arrived)
    if arrived.aim is Aim.CONNECT:
        title = sign_on.title_of(name, sign_on.find_issuer(request.work, name))
        request.flash(_("Your account is linked with %(service)s.") % {"service": title})
    return see_path(arrived.next or PROJECTS)


def _let_in(request: Request, name: str, arrived: Arrived) -> Response:
    user = arrived.user
    assert user is not None
    if arrived.asks_for_factor:
        token = ask_for(request.work, user, next=arrived.next)
        return see_path(f"/account/two-factor/?{token}")
    vouched_for_by = name if arrived.is_secured else None
    finished = finish(request.work, user, method=f"sso:{name}", next=arrived.next, vouched_for_by=vouched_for_by)
    if arrived.is_new:
        request.flash(_("Welcome, %(username)s. This is your new account.") % {"username": user.username})
    response = see_path(finished.location)
    if finished.secret is not None:
        admit_visitor(request, response, finished.secret, user)
    return response
