"""The list that a form shows while a username is typed: a piece of HTML, for those who are signed in."""

from __future__ import annotations

from dataclasses import dataclass

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.domain.accounts import usernames_beginning
from warehouse.errors import Invalid, NotFound, TooMany
from warehouse.operations import limits
from warehouse.standards.usernames import LONGEST
from warehouse.web.rendering import render
from warehouse.web.request import Request

MOST = 10


@dataclass(frozen=True)
class Found:
    """The names, in order."""

    usernames: list[str]


@view_config(route_name="accounts.search", request_method="GET")
def search(request: Request) -> Response:
    """The first ten usernames with this beginning; none when somebody asks too often, so that forms go on working."""
    if request.user is None:
        # A scheme that browsers do not know: they would ask for a password in a window of their own.
        return Response("Sign in first.\n", status=401, headerlist=[*PLAIN, ("WWW-Authenticate", "Session")])
    beginning = request.GET.get("username", "").strip()
    if not beginning or len(beginning) > LONGEST or "\0" in beginning:
        raise Invalid("Say in “username” how the name begins.", code="bad_username")
    try:
        limits.reserve(request.work, limits.people_search(request.work))
    except TooMany:
        return _shown(request, [])
    usernames = usernames_beginning(request.work.db, beginning, limit=MOST)
    if not usernames:
        raise NotFound("Nobody's name begins so.", code="no_such_user")
    return _shown(request, usernames)


PLAIN = [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")]


def _shown(request: Request, usernames: list[str]) -> Response:
    return render(request, "pages/people_search/page.html", Found(usernames))
