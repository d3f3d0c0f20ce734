"""The outermost step: what cannot be read is refused, and what is answered carries the security headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from warehouse.errors import Invalid
from warehouse.infra import log
from warehouse.standards.http.hosts import is_host
from warehouse.web.flashes import carry_flashes
from warehouse.web.language import chosen_language, speaking
from warehouse.web.refusals import refused
from warehouse.web.request import Handler, Request
from warehouse.web.security.headers import protect


def edge(handler: Handler, registry: Any) -> Handler:
    """The tween around everything, error pages included."""

    def tween(request: Request) -> Any:
        tag = chosen_language(request.environ.get("HTTP_COOKIE"), request.environ.get("HTTP_ACCEPT_LANGUAGE"))
        with log.request(request.request_id), speaking(tag):
            problem = unreadable(request.environ)
            response = handler(request) if problem is None else refused(Invalid(problem, code="unreadable"), request)
        carry_flashes(request, response, request._flashes, were_read=request._flashes_were_read)
        protect(request, response)
        return response

    return tween


def unreadable(environ: dict[str, Any]) -> str | None:
    """What of the address cannot be read, in a sentence; None when all of it can."""
    try:
        environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8")
        unquote_to_bytes(environ.get("QUERY_STRING", "").encode("latin-1")).decode("utf-8")
    except UnicodeError:
        return "The address is not UTF-8. Percent-encode its characters as UTF-8."
    host = environ.get("HTTP_HOST", "")
    if host and not is_host(host):
        return "The header field Host is not a host name."
    return None
