"""The cookie of a session, the one that scripts may read to know that there is one, and that of the language."""

from __future__ import annotations

import hashlib
from typing import Any

from pyramid.response import Response

from warehouse.domain.accounts import User

SESSION = "session_id"
# A cookie of this name is only taken over TLS, from this very host, for all of it: no neighbour can plant one.
SESSION_OVER_TLS = "__Host-session_id"
SIGNED_IN = "user_id__insecure"
LANGUAGE = "_LOCALE_"
A_YEAR = 31_536_000  # seconds
LONGEST = 100  # characters


def session_secret(request: Any) -> str | None:
    """What the session's cookie holds."""
    secret = request.cookies.get(_name(request))
    return secret if secret and len(secret) <= LONGEST else None


def set_session(request: Any, response: Response, secret: str, user: User) -> None:
    """Sign the browser in, until it is closed or the session ends."""
    over_tls = request.scheme == "https"
    response.set_cookie(_name(request), secret, path="/", httponly=True, secure=over_tls, samesite="Lax")
    known_as = hashlib.blake2b(str(user.id).encode(), person=b"warehouse.userid").hexdigest()
    response.set_cookie(SIGNED_IN, known_as, path="/", secure=over_tls, samesite="Lax")
    if user.language is not None:
        set_language(request, response, user.language)


def set_language(request: Any, response: Response, tag: str | None) -> None:
    """Have pages written in this language; None leaves it to what the browser accepts."""
    if tag is None:
        response.delete_cookie(LANGUAGE, path="/")
    else:
        over_tls = request.scheme == "https"
        response.set_cookie(LANGUAGE, tag, max_age=A_YEAR, path="/", samesite="Lax", secure=over_tls)


def end_session(request: Any, response: Response) -> None:
    """Sign the browser out."""
    # A prefixed cookie is only deleted by one that keeps the prefix's rules.
    over_tls = request.scheme == "https"
    response.set_cookie(_name(request), "", max_age=0, path="/", httponly=True, secure=over_tls, samesite="Lax")
    response.delete_cookie(SIGNED_IN, path="/")


def _name(request: Any) -> str:
    return SESSION_OVER_TLS if request.scheme == "https" else SESSION
