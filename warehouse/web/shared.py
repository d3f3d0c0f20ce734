"""Pages that are the same for everybody: written for nobody in particular, and kept by whoever may keep them.

Where everybody may read the index, such a page holds nothing of who asks. What differs for somebody who is signed in
are fragments, which a script fetches (`scripts/fragments.js`). So one page in memory answers all, and a CDN may keep
it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from pyramid.response import Response

from warehouse.settings import Settings
from warehouse.settings.caching import Kept, cache_headers
from warehouse.standards.http import Answer, Ask
from warehouse.web.request import Request, WSGIApplication
from warehouse.web.routes import SHARED, paths_of

EVERY_PAGE = "all-html"
"""The surrogate key of all pages for people, for the day on which their layout changes."""

OF_ALL = Kept(None, timedelta(minutes=10), timedelta(days=1))
"""How long pages about the whole index are kept."""
OF_ONE = Kept(None, None, timedelta(days=5))
"""How long pages about one project are kept."""
NUMBERS = timedelta(hours=1)
"""How long a CDN keeps pages that show how much a project is used: no entry tells of that, and not always a notice."""

_ASKED_BY_THE_CACHE = "warehouse.shared"


@dataclass(frozen=True)
class Shared:
    """That a page is for everybody, by which surrogate keys a CDN is told of its changes, and how long it is kept.

    ``cdn`` shortens that for what no entry of the journal tells of.
    """

    keys: tuple[str, ...] = ()
    kept: Kept = OF_ALL
    cdn: timedelta | None = None


def is_for_everybody(request: Request) -> bool:
    """Whether pages of this index may be the same for all who ask."""
    return request.settings.access.read == "everyone"


def was_asked_by_the_cache(request: Request) -> bool:
    """Whether the answer is to be kept, or told to everybody who asks for it at the moment."""
    return _ASKED_BY_THE_CACHE in request.environ


def let_everybody_keep(settings: Settings, response: Response, template: str, shared: Shared) -> None:
    """Give a page that is for everybody the header fields that caches go by."""
    keys = [EVERY_PAGE, template, *shared.keys]
    del response.headers["Cache-Control"]
    response.headers.update(cache_headers(settings, keys, kept=shared.kept, cdn=shared.cdn))
    response.headers.setdefault("Cache-Control", "no-cache")
    response.vary = ("Accept-Encoding", "Accept-Language")


def is_shared(path: str) -> bool:
    """Whether there can be a page for everybody at this path."""
    return any(pattern.fullmatch(path) for pattern in _PATTERNS)


def shown_to_everybody(site: WSGIApplication) -> Callable[[Ask, str], Answer]:
    """What the site answers to a GET of an ask's path by somebody without cookies who reads this language."""

    def show(ask: Ask, language: str) -> Answer:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [status, headers]
            return None

        answered = site(_environ(ask, language), start)
        try:
            body = b"".join(answered)
        finally:
            if hasattr(answered, "close"):
                answered.close()
        status, headers = started
        kept = [(name.lower(), value) for name, value in headers if name.lower() != "content-length"]
        return Answer(int(status[:3]), kept, body)

    return show


def _environ(ask: Ask, language: str) -> dict[str, Any]:
    host = ask.headers.get("host") or ""
    name, _, port = host.rpartition(":") if ":" in host and not host.endswith("]") else (host, "", "")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": ask.path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": name or "localhost",
        "SERVER_PORT": port or ("443" if ask.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": ask.client,
        "HTTP_HOST": host,
        "HTTP_ACCEPT": "text/html",
        "HTTP_ACCEPT_LANGUAGE": language,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": ask.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "warehouse.request_id": ask.request_id,
        _ASKED_BY_THE_CACHE: True,
    }


_PATTERNS = tuple(paths_of(route) for route in sorted(SHARED))
