"""Answers as bytes on the wire: the status line, the header fields and the lengths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from warehouse.errors import Refusal
from warehouse.standards.http.message import Answer, FileSlice

REASON_LENGTH = 1000
"""Characters of a reason phrase at most: proxies keep the whole head in 4 KiB."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_NOT_IN_A_REASON = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_NOT_IN_A_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset(
    ("content-length", "connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "date", "server")
)


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """An answer whose bytes are made: ``head`` ends before the ``Date`` field, ``body`` is sent as it is."""

    status: int
    head: bytes
    body: bytes


def ready(answer: Answer) -> Ready:
    """The wire bytes of an answer that is given many times; its body must be bytes, not a file."""
    if not isinstance(answer.body, bytes):
        raise TypeError("only an answer whose body is bytes can be made ready")
    body = b"" if has_no_body(answer.status) else answer.body
    return Ready(answer.status, head_bytes(answer.status, answer.reason, answer.headers, len(body)), body)


def head_bytes(status: int, reason: str | None, headers: list[tuple[str, str]], length: int | None) -> bytes:
    """Status line and fields, up to where ``Date`` and ``Connection`` go; ``length`` None: no Content-Length.

    RFC 9110 5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous [...]; a recipient
    [...] MUST either reject the message or replace each of those characters with SP": so does this sender. What
    the server alone decides (length, connection, date) is left out.
    """
    lines = [status_line(status, reason)]
    for name, value in headers:
        if name.lower() in _OURS:
            continue
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a header field name: {name!r}")
        text = _NOT_IN_A_VALUE.sub(" ", value)
        lines.append(b"%s: %s\r\n" % (name.encode("ascii"), text.encode("latin-1", "replace")))
    if length is not None and not has_no_body(status):
        lines.append(b"Content-Length: %d\r\n" % length)
    lines.append(b"Server: warehouse\r\n")
    return b"".join(lines)


@lru_cache(maxsize=256)
def status_line(status: int, reason: str | None) -> bytes:
    """``HTTP/1.1 400 The reason``: one line whatever the reason holds, and never longer than clients take."""
    return b"HTTP/1.1 %d %s\r\n" % (status, phrase(status, reason).encode("latin-1"))


def phrase(status: int, reason: str | None) -> str:
    """The reason phrase as it can be sent: one line of Latin-1, ``?`` for what that lacks, bounded in length."""
    if reason is None:
        return _PHRASES.get(status, "")
    line = _NOT_IN_A_REASON.sub(" ", reason)[:REASON_LENGTH]
    return line.encode("latin-1", "replace").decode("latin-1")


def has_no_body(status: int) -> bool:
    """RFC 9112 6.3: "Any response with a 1xx, 204, or 304 status code is always terminated by the first empty line"."""
    return status < 200 or status in (204, 304)


def length_of(body: bytes | FileSlice | tuple[bytes | FileSlice, ...]) -> int:
    """Bytes that a body will take on the wire."""
    if isinstance(body, bytes):
        return len(body)
    if isinstance(body, FileSlice):
        return body.end - body.start
    return sum(map(length_of, body))


# Nothing in these answers is meant for one reader only, so scripts may read what went wrong wherever they come from.
_TOLD_IN_TEXT = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Access-Control-Allow-Origin", "*"),
)


def refused(refusal: Refusal) -> Answer:
    """The sentence of a refusal as text, with ``Retry-After`` where waiting helps."""
    headers = [*_TOLD_IN_TEXT]
    retry_after = getattr(refusal, "retry_after", None)
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    if refusal.status in (405, 501):
        headers.append(("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"))
    return Answer(refusal.status, headers, refusal.sentence.encode() + b"\n")


def broken(request_id: str) -> Answer:
    """What a client learns of a bug: nothing but the name under which it was logged."""
    sentence = f"Something went wrong on our side. If it happens again, tell us this number: {request_id}\n"
    return Answer(500, [*_TOLD_IN_TEXT], sentence.encode())


class Stamp:
    """The end of every head: ``Date``, what becomes of the connection, and the empty line."""

    __slots__ = ("close", "keep", "keep_old")

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Take the time; called at least once a second, so that no answer has to."""
        date = b"Date: %s\r\n" % formatdate(usegmt=True).encode("ascii")
        self.keep = date + b"\r\n"
        self.keep_old = date + b"Connection: keep-alive\r\n\r\n"
        self.close = date + b"Connection: close\r\n\r\n"

    def end(self, minor: int) -> bytes:
        """The end of a head after which the connection stays; HTTP/1.0 wants to be told."""
        return self.keep if minor else self.keep_old
