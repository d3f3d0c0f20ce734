"""Whether a form was sent from our own page, and having browsers say so."""

from __future__ import annotations

from urllib.parse import urlsplit

from pyramid.response import Response

from warehouse.errors import NotAllowed
from warehouse.web.request import Request

DEFAULT_PORTS = {"http": 80, "https": 443}


def require_own_page(request: Request) -> None:
    """Refuse a form that another site sent (:class:`NotAllowed`).

    A browser says where a form comes from in Sec-Fetch-Site, which pages cannot change, or, on addresses without
    TLS, in Origin alone. A program says neither, and cannot be made to act for somebody else.
    """
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        ours = said in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        ours = origin is None or _host(origin) in (_host(request.host_url), _host(request.base_url))
    if not ours:
        raise NotAllowed("This form was sent from another site. Open the page here and send it again.", code="origin")


def form_can_be_sent(response: Response) -> Response:
    """Have the browser say that the form on this page is ours.

    With "no-referrer", which pages at secret addresses have, it would send "Origin: null".
    """
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _host(url: str) -> tuple[str | None, int | None]:
    """Host and port. The scheme is left out: a proxy that ends TLS may not tell us of it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None, 0
    return parts.hostname, None if port == DEFAULT_PORTS.get(parts.scheme) else port
