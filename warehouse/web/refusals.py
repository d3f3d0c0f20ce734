"""How the web site says no: the status, and a sentence as a page, as JSON or as text, whichever the client can read."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from pyramid.exceptions import PredicateMismatch
from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import exception_view_config, notfound_view_config
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from warehouse.errors import NotAuthenticated, NotFound, Refusal, TooMany, Unavailable
from warehouse.infra.db import unavailable
from warehouse.web.language import translated
from warehouse.web.pages.refusal.page import refusal_page
from warehouse.web.rendering import render
from warehouse.web.request import SAFE, Request
from warehouse.web.routes import WITH_A_SLASH

logger = logging.getLogger("warehouse.web")

FRAGMENTS = "/_includes/"  # what is asked for by a script, which shows no page of ours inside another


class MethodNotAllowed(Refusal):
    """The address is there, and is not asked like this (405)."""

    status = 405

    def __init__(self, sentence: str, *allowed: str) -> None:
        super().__init__(sentence, code="method_not_allowed")
        self.allowed = allowed


class Broken(Refusal):
    """We failed (500). Never raised: it only gives a bug the form in which refusals are told."""

    status = 500


@exception_view_config(context=Refusal)
def refused(refusal: Refusal, request: Request) -> Response:
    """The response that tells a refusal."""
    response = _told(refusal, request)
    response.status_int = refusal.status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"  # a script elsewhere may learn why it was refused
    response.vary = ("Accept",)
    if isinstance(refusal, NotAuthenticated):
        response.headers["WWW-Authenticate"] = 'Basic realm="Warehouse", charset="UTF-8"'
    if isinstance(refusal, TooMany | Unavailable):
        response.headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(refusal.allowed)
    return response


@notfound_view_config()
def not_found(context: Any, request: Request) -> Response:
    """Nothing is at this address, or not for this method, or only with a slash at its end."""
    route = getattr(request, "matched_route", None)
    if route is not None and isinstance(context, PredicateMismatch):
        return _other_method(request, request.registry.methods[route.name])
    slashed = f"{request.path_info}/"
    if request.method in SAFE and any(pattern.fullmatch(slashed) for pattern in WITH_A_SLASH):
        return HTTPMovedPermanently(location=f"{quote(slashed)}{request.query_string and '?'}{request.query_string}")
    return refused(NotFound("There is nothing at this address."), request)


@exception_view_config(context=OperationalError)
@exception_view_config(context=PoolExhausted)
def database_away(context: Exception, request: Request) -> Response:
    """The database does not answer, or not in time."""
    logger.error("The database could not answer %s: %s", _name(request), str(context).strip())
    return refused(unavailable(context), request)


@exception_view_config(context=Exception)
def broken(context: Exception, request: Request) -> Response:
    """A bug: the log has what happened, the visitor has the number to find it by."""
    logger.error("The request to %s failed.", _name(request), exc_info=context)
    sentence = f"Something went wrong on our side. If it happens again, tell the operators {request.request_id}."
    return refused(Broken(sentence, code="broken"), request)


def methods_by_route(introspector: Any) -> dict[str, tuple[str, ...]]:
    """The methods each route is answered for, as the views declare them; OPTIONS always."""
    allowed: dict[str, set[str]] = {}
    for item in introspector.get_category("views") or ():
        view = item["introspectable"]
        methods = view.get("request_methods")
        if view.get("route_name") and methods:
            named = {methods} if isinstance(methods, str) else set(methods)
            allowed.setdefault(view["route_name"], {"OPTIONS"}).update(named | ({"HEAD"} if "GET" in named else set()))
    order = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return {route: tuple(method for method in order if method in named) for route, named in allowed.items()}


def _other_method(request: Request, allowed: tuple[str, ...]) -> Response:
    if request.method == "OPTIONS":
        return Response(status=204, headerlist=[("Allow", ", ".join(allowed))])
    return refused(MethodNotAllowed(f"This address does not take {request.method}.", *allowed), request)


def _told(refusal: Refusal, request: Request) -> Response:
    """The sentence in the first of our forms that the client accepts; HTML when it accepts none."""
    title = HTTPStatus(refusal.status).phrase
    path = request.environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    if path.startswith(FRAGMENTS):
        return Response(f"{refusal.sentence}\n", content_type="text/plain", charset="UTF-8")
    offers = request.accept.acceptable_offers(["text/html", "application/json", "text/plain"])
    match offers[0][0] if offers else "text/html":
        case "application/json":
            told = {"message": refusal.sentence, "code": f"{refusal.status} {title}", "title": title}
            return Response(orjson.dumps(told), content_type="application/json", charset=None)
        case "text/plain":
            return Response(f"{refusal.sentence}\n", content_type="text/plain", charset="UTF-8")
    page = refusal_page(refusal.status, translated(refusal.sentence), path)
    return render(request, "pages/refusal/page.html", page)


def _name(request: Request) -> str:
    """The route, not the path: a path can be a credential."""
    route = getattr(request, "matched_route", None)
    return f"{request.method} {route.name if route is not None else 'no route'}"
