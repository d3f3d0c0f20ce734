"""Health, readiness and numbers."""

from __future__ import annotations

import hmac
import ipaddress

import orjson
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotAllowed
from warehouse.infra.metrics import CONTENT_TYPE
from warehouse.web.request import Request

# Whoever sends one of these stands before the client, so the peer's address is not the client's.
RELAYED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


@view_config(route_name="health", request_method="GET")
def health(request: Request) -> Response:
    """Whether this process can work at all: 200 ``OK``, or 503 and why not."""
    problems = request.registry.probes.health()
    text = " ".join(problem.why for problem in problems) or "OK"
    status = 503 if problems else 200
    return Response(text, status=status, content_type="text/plain", charset="UTF-8", cache_control="no-store")


@view_config(route_name="ready", request_method="GET")
def ready(request: Request) -> Response:
    """Whether requests should be sent here: 200, or 503; the JSON list says what is not ready."""
    problems = request.registry.probes.readiness()
    body = orjson.dumps([{"part": problem.part, "why": problem.why} for problem in problems])
    status = 503 if problems else 200
    return Response(body, status=status, content_type="application/json", charset=None, cache_control="no-store")


@view_config(route_name="metrics", request_method="GET")
def metrics(request: Request) -> Response:
    """The numbers of all worker processes, for this machine and for whoever has the token."""
    if not (_from_this_machine(request) or _has_token(request)):
        raise NotAllowed("The numbers are for this machine, and for who sends metrics.token as a bearer token.")
    return Response(
        request.tools.metrics.render(), headerlist=[("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")]
    )


def _from_this_machine(request: Request) -> bool:
    # Our own server keeps X-Forwarded-For to itself, and says only that there was one.
    if request.environ.get("warehouse.relayed") or any(name in request.headers for name in RELAYED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _has_token(request: Request) -> bool:
    token = request.settings.metrics.token
    if token is None or not token.get_secret_value():
        return False
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    given, wanted = sent.strip().encode("utf-8", "surrogateescape"), token.get_secret_value().encode()
    return scheme.lower() == "bearer" and hmac.compare_digest(given, wanted)
