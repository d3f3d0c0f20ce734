"""Leading browsers on to another page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther

from warehouse.web.request import Request


def see_other(request: Request, route: str, *, query: Mapping[str, str] | None = None, **matched: Any) -> HTTPSeeOther:
    """The answer that shows another of our pages with GET, by its path alone: the host is the browser's to know."""
    return see_path(request.route_path(route, **matched) + (f"?{urlencode(query)}" if query else ""))


def see_path(path: str) -> HTTPSeeOther:
    """The same for a path that was found to be safe."""
    return HTTPSeeOther(location=path, cache_control="no-store")
