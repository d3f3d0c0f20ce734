"""The header fields that every answer of the site carries."""

from __future__ import annotations

from pyramid.response import Response

from warehouse.web.request import Request
from warehouse.web.routes import SECRET
from warehouse.web.security import policy

ALWAYS = {
    policy.HEADER: policy.written(policy.STRICTEST),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
ON_SECRET_PAGES = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
A_YEAR = 31_536_000  # seconds


def protect(request: Request, response: Response) -> None:
    """Add what the view did not say itself."""
    route = getattr(request, "matched_route", None)
    if route is not None and route.name in SECRET:
        response.headers["Cache-Control"] = ON_SECRET_PAGES["Cache-Control"]
        for name, value in ON_SECRET_PAGES.items():
            response.headers.setdefault(name, value)
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    # Only an operator who wrote the address down with https has promised that it stays so.
    if (request.settings.site.url or "").startswith("https://") and request.scheme == "https":
        response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
