"""WSGI in both directions (PEP 3333): an application behind our server, and our site behind another server."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from warehouse.errors import Invalid, NotFound, Refusal, TooLarge
from warehouse.server.files import Prepared, opened
from warehouse.server.head import UNPRINTABLE, Frame
from warehouse.server.later import Later
from warehouse.server.reply import Ready, broken, has_no_body, length_of, phrase, refused
from warehouse.server.shared import log
from warehouse.server.site import Environ, Receiver, Site, WSGIApplication
from warehouse.standards.http.message import Answer, Ask

BLOCK = 256 * 1024
_BREAKS = re.compile(r"[\r\n\0]")

Fields = list[tuple[str, str]]
StartResponse = Callable[..., Callable[[bytes], object]]


@dataclass(slots=True, eq=False)
class Streamed:
    """What a WSGI application answered: complete when ``rest`` is None, otherwise to be pulled with ``more``."""

    status: int
    reason: str
    headers: Fields
    length: int | None
    first: bytes
    rest: Iterator[bytes] | None = None
    _close: Callable[[], object] | None = None

    def more(self) -> bytes | None:
        """The next block, made now; None after the last."""
        assert self.rest is not None
        return next(self.rest, None)

    def close(self) -> None:
        """PEP 3333: "the server or gateway must call that method upon completion of the current request, whether
        the request was completed normally, or terminated early"."""
        if self._close is not None:
            self._close()


def environ_of(ask: Ask, frame: Frame, content: bytes, server: object) -> Environ:
    """The environ of a request whose body was read."""
    host, port = (str(server[0]), str(server[1])) if isinstance(server, tuple) else ("localhost", "80")
    headers = dict(frame.headers)
    headers["host"] = ask.headers.get("host") or host
    environ: Environ = {
        "REQUEST_METHOD": ask.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": ask.path.encode("utf-8").decode("latin-1"),
        "QUERY_STRING": ask.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/1.{frame.minor}",
        "REMOTE_ADDR": ask.client,
        "CONTENT_TYPE": headers.pop("content-type", ""),
        "CONTENT_LENGTH": str(len(content)) if content or frame.chunked else headers.get("content-length", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": ask.scheme,
        "wsgi.input": BytesIO(content),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "warehouse.request_id": ask.request_id,
        "warehouse.relayed": any(frame.forwarded),
    }
    for name in ("content-length", "transfer-encoding", "proxy"):
        headers.pop(name, None)  # "Proxy" would become HTTP_PROXY, which HTTP clients obey.
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


class _Start:
    """The ``start_response`` of one call."""

    def __init__(self) -> None:
        self.status = 0
        self.reason = ""
        self.headers: Fields | None = None
        self.written: list[bytes] = []
        self.sent = False

    def __call__(self, status: str, headers: Fields, exc_info: Any = None) -> Callable[[bytes], object]:
        if exc_info is not None and self.sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self.headers is not None:
            raise RuntimeError("start_response was called twice without exc_info")
        code, _, self.reason = status.partition(" ")
        self.status = int(code)
        self.headers = list(headers)
        return self.written.append


def call(application: WSGIApplication, environ: Environ) -> Streamed:
    """In a thread: run the application up to its first block; a list is taken whole, and closed."""
    start = _Start()
    iterable = application(environ, start)
    close = getattr(iterable, "close", None)
    try:
        if isinstance(iterable, list | tuple):
            streamed = _complete(start, b"".join(iterable))
            if close is not None:
                close()
            return streamed
        rest = iter(iterable)
        first = next(rest, None)
        while first == b"" and start.headers is None:
            first = next(rest, None)
        if first is None:
            streamed = _complete(start, b"")
            if close is not None:
                close()
            return streamed
        fields, length = _fields(start)
        start.sent = True
        first = b"".join(start.written) + first
        return Streamed(start.status, start.reason, fields, length, first, rest, close)
    except BaseException:
        if close is not None:
            close()
        raise


def _complete(start: _Start, block: bytes) -> Streamed:
    fields, length = _fields(start)
    block = b"".join(start.written) + block
    return Streamed(start.status, start.reason, fields, len(block) if length is None else length, block)


def _fields(start: _Start) -> tuple[Fields, int | None]:
    """The header fields without the length, and the length if the application says it."""
    if start.headers is None:
        raise RuntimeError("the application did not call start_response")
    length = None
    fields: Fields = []
    for name, value in start.headers:
        if name.lower() == "content-length":
            length = int(value)
        else:
            fields.append((name, value))
    return fields, length


# The other direction


def wsgi_application(site: Site) -> WSGIApplication:
    """The same site for another WSGI server; uploads are read from ``wsgi.input`` in blocks."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            ask = _ask_of(environ)
            answer = _answer(site, ask, environ)
        except Refusal as refusal:
            answer = refused(refusal)
        except Exception:
            request_id = secrets.token_hex(8)
            log.exception("request %s failed: %s", request_id, environ.get("PATH_INFO"))
            answer = broken(request_id)
        if answer is None:
            return site.wsgi(environ, start_response)
        return _given(environ["REQUEST_METHOD"], answer, start_response)

    return application


def _ask_of(environ: Environ) -> Ask:
    try:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8") or "/"
    except UnicodeDecodeError:
        raise Invalid("The address is not UTF-8.") from None
    # With a line break at its end, an address that is asked for by its whole text here is found by its beginning there.
    if UNPRINTABLE.search(path):
        raise Invalid("The address holds control characters.")
    headers = {name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.lower().replace("_", "-")] = environ[name]
    # RFC 9110, 5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous"
    if any(_BREAKS.search(value) for value in headers.values()):
        raise Invalid("A header field holds a line break or NUL.")
    return Ask(
        environ["REQUEST_METHOD"],
        path,
        environ.get("QUERY_STRING", ""),
        headers,
        environ.get("REMOTE_ADDR", ""),
        environ["wsgi.url_scheme"],
        secrets.token_hex(8),
    )


def _answer(site: Site, ask: Ask, environ: Environ) -> Answer | None:
    receiver = site.receive(ask)
    if receiver is not None:
        return _receive(receiver, environ)
    found = site.glance(ask) or site.answer(ask)
    if isinstance(found, Later):  # another server's threads are too few for waiting
        found = site.glance(found.instead) or site.answer(found.instead)
        assert not isinstance(found, Later), "what is asked instead must be answered"
    return _unready(found) if isinstance(found, Ready) else found


def _unready(found: Ready) -> Answer:
    """The answer that wire bytes were made of."""
    first, *lines = found.head.decode("latin-1").split("\r\n")[:-1]
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    kept = [(name, value) for name, value in fields if name.lower() not in ("content-length", "server")]
    return Answer(found.status, kept, found.body, first.split(" ", 2)[2])


def _receive(receiver: Receiver, environ: Environ) -> Answer:
    """Feed a receiver from ``wsgi.input``; servers end the input without error when the client leaves."""
    ended = False
    try:
        said = environ.get("CONTENT_LENGTH") or ""
        left = int(said) if said.isdecimal() else None
        if left is None and not environ.get("wsgi.input_terminated"):
            raise Invalid("Send the upload with a Content-Length.")
        if left is not None and left > receiver.limit:
            raise TooLarge(f"The upload is larger than {receiver.limit} bytes.")
        receiver.begin()
        received = 0
        while left != 0:
            block = environ["wsgi.input"].read(BLOCK if left is None else min(BLOCK, left))
            if not block:
                break
            received += len(block)
            left = None if left is None else left - len(block)
            if received > receiver.limit:
                raise TooLarge(f"The upload is larger than {receiver.limit} bytes.")
            receiver.feed(block)
        if left:
            raise Invalid("The connection ended before the body did.")
        ended = True
        return receiver.finish()
    finally:
        if not ended:
            receiver.abort()


def _given(method: str, answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    try:
        prepared = opened(answer)
    except NotFound as missing:
        prepared = opened(refused(missing))
    answer = prepared.answer
    fields = list(answer.headers)
    if not has_no_body(answer.status):
        fields.append(("Content-Length", str(length_of(answer.body))))
    start_response(f"{answer.status} {phrase(answer.status, answer.reason)}", fields)
    if method == "HEAD" or has_no_body(answer.status):
        prepared.close()
        return []
    return _Pieces(prepared)


class _Pieces:
    """The bytes of a body, files block by block."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared

    def __iter__(self) -> Iterator[bytes]:
        for part in self._prepared.parts:
            if isinstance(part, bytes):
                yield part
                continue
            at = part.start
            while at < part.end:
                block = os.pread(part.fd, min(BLOCK, part.end - at), at)
                if not block:
                    raise OSError("the file became shorter while it was sent")
                at += len(block)
                yield block

    def close(self) -> None:
        """Close the files."""
        self._prepared.close()
