"""How the machine doors say no: status, reason phrase and a body in the form the client can read."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

import orjson

from warehouse.errors import Refusal, TooMany, Unavailable
from warehouse.standards.http import Answer
from warehouse.standards.http.negotiation import preferred

CORS = [
    ("access-control-allow-origin", "*"),
    ("access-control-allow-headers",
     "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since"),
    ("access-control-allow-methods", "GET"),
    ("access-control-max-age", "86400"),
    ("access-control-expose-headers", "X-PyPI-Last-Serial"),
]  # fmt: skip


def stock_answer(status: int, sentence: str, accept: str | None, *, reason: str | None = None) -> Answer:
    """A page that consists of a status and a sentence, as HTML or JSON, whichever the client likes better, or as text.

    The reason phrase carries the sentence as well where ``reason`` asks for it: clients of the legacy upload API
    read it there over HTTP/1.1, and in the body over HTTP/2, which has no reason phrase.
    """
    title = f"{status} {reason or HTTPStatus(status).phrase}"
    form = preferred(accept, ("text/html", "application/json"))
    if form == "text/html":
        page = (
            f"<html>\n <head>\n  <title>{escape(title)}</title>\n </head>\n <body>\n  <h1>{escape(title)}</h1>\n"
            f"  {escape(sentence)}\n </body>\n</html>\n"
        )
        return Answer(status, [("content-type", "text/html; charset=UTF-8")], page.encode(), reason)
    if form == "application/json":
        body = orjson.dumps({"message": sentence, "code": title, "title": HTTPStatus(status).phrase})
        return Answer(status, [("content-type", "application/json")], body, reason)
    return Answer(status, [("content-type", "text/plain; charset=UTF-8")], f"{title}\n\n{sentence}\n".encode(), reason)


def refused(refusal: Refusal, accept: str | None) -> Answer:
    """The answer that carries a refusal, its sentence in the reason phrase."""
    answer = stock_answer(refusal.status, refusal.sentence, accept, reason=refusal.sentence)
    if isinstance(refusal, TooMany | Unavailable):
        answer.headers.append(("retry-after", str(refusal.retry_after)))
    return answer


def plain(status: int, sentence: str, headers: list[tuple[str, str]] | None = None) -> Answer:
    """A short answer for programs."""
    return Answer(status, [("content-type", "text/plain; charset=UTF-8"), *(headers or [])], sentence.encode())
