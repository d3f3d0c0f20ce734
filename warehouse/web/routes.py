"""Every address of the web site."""

from __future__ import annotations

ROUTES = {
    "home": "/",
    "setup": "/setup/{key}",
    "publishing": "/legacy/",
    "publishing.former": "/pypi",
    "publishing.former.slash": "/pypi/",
    "stylesheet": "/static/{digest}/site.css",
    "favicon": "/favicon.ico",
    "stats": "/stats/",
    "health": "/_health/",
    "ready": "/_ready/",
    "metrics": "/metrics",
}

WITH_A_SLASH = frozenset(pattern for pattern in ROUTES.values() if pattern.endswith("/") and "{" not in pattern)

# Their addresses are credentials: nobody keeps or passes on what is there.
SECRET = frozenset({"setup"})
