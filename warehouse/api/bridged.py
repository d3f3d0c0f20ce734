"""What doors share that take requests with a body, which the server hands over as WSGI (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from warehouse.errors import TooLarge
from warehouse.server.reply import has_no_body, phrase
from warehouse.standards.http import Answer, Ask

StartResponse = Callable[..., Any]

_NAMES = {
    "authorization": "HTTP_AUTHORIZATION",
    "user-agent": "HTTP_USER_AGENT",
    "accept-encoding": "HTTP_ACCEPT_ENCODING",
}


def ask_of(environ: dict[str, Any]) -> Ask:
    """The request without its body."""
    headers = {name: environ[key] for name, key in _NAMES.items() if key in environ}
    return Ask(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), "", headers, environ.get("REMOTE_ADDR", ""))


def body_of(environ: dict[str, Any], longest: int) -> bytes:
    """The body. Refuses with :class:`TooLarge` one above ``longest`` bytes; what has no known end is taken as empty."""
    said = environ.get("CONTENT_LENGTH") or ""
    if said.isdecimal():
        most = min(int(said), longest + 1)
    else:
        most = longest + 1 if environ.get("wsgi.input_terminated") else 0
    body = environ["wsgi.input"].read(most) if most else b""
    if len(body) > longest:
        raise TooLarge(f"The call is larger than {longest} bytes.")
    return body


def given(answer: Answer, ask: Ask, start_response: StartResponse) -> list[bytes]:
    """An answer whose body is bytes, as WSGI wants it."""
    assert isinstance(answer.body, bytes)
    headers = [*answer.headers]
    if not has_no_body(answer.status):
        headers.append(("Content-Length", str(len(answer.body))))
    start_response(f"{answer.status} {phrase(answer.status, answer.reason)}", headers)
    return [] if ask.method == "HEAD" or has_no_body(answer.status) else [answer.body]
