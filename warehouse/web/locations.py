"""Redirects within the site name a path and no host."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from warehouse.web.request import WSGIApplication


def by_path(application: WSGIApplication) -> WSGIApplication:
    """The application, with ``Location`` as its views wrote it.

    WebOb puts scheme and host of the request before a path. Behind a proxy that ends TLS and does not say so, that
    would lead visitors from https to http, and a form's answer to where its page's policy forbids. RFC 9110, 10.2.2:
    "the final value is computed by resolving it against the target URI".
    """

    def answered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        ours = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST') or environ['SERVER_NAME']}/"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            led = [(name, _path(value, ours) if name.lower() == "location" else value) for name, value in headers]
            return start_response(status, led, exc_info)

        return application(environ, start)

    return answered


def _path(location: str, ours: str) -> str:
    path = f"/{location.removeprefix(ours)}"
    # "//host" would be another host.
    return path if location.startswith(ours) and not path.startswith("//") else location
