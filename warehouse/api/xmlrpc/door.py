"""The door for calls: a WSGI application (PEP 3333), which is how the server takes streams."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from warehouse.api.access import Readers, challenge
from warehouse.api.bridged import StartResponse, ask_of, body_of, given
from warehouse.api.xmlrpc import faults
from warehouse.api.xmlrpc.limit import count_call
from warehouse.api.xmlrpc.methods import Methods, Reply
from warehouse.domain.site import rates
from warehouse.errors import NotAuthenticated, Refusal
from warehouse.infra.db import UNANSWERED, unavailable
from warehouse.server.reply import refused
from warehouse.standards.http import Answer, Ask, accepted_encoding
from warehouse.standards.xmlrpc import Unreadable, fault, read_call
from warehouse.work import Tools

log = logging.getLogger("warehouse.api.xmlrpc")

PATHS = frozenset({"/pypi", "/pypi/", "/RPC2"})
LONGEST_CALL = 64 * 1024  # bytes; the longest that anybody has a use for names some hundred classifiers
WHOLE = 64 * 1024  # bytes; what is longer is sent as it is made

Fields = list[tuple[str, str]]


def is_call(path: str, content_type: str | None) -> bool:
    """Whether a request is one by XML-RPC: by its media type too, since other things are sent to these addresses."""
    return path in PATHS and (content_type or "").partition(";")[0].strip().lower() == "text/xml"


class XmlRpc:
    """Answers calls. A fault is an answer (200); what HTTP has a word of its own for is told by HTTP."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._readers = Readers(tools)
        self._methods = Methods(tools.database)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        ask = ask_of(environ)
        # Also what is asked by GET is answered by a fault, which a shared cache must not take for the page there.
        headers = [("Content-Type", "text/xml; charset=utf-8"), ("Cache-Control", "no-store")]
        try:
            self._readers.check(ask)
            reply = self._reply(ask, environ, headers)
            return _sent(reply, ask, headers, start_response)
        except faults.Fault as told:
            return given(Answer(200, headers, fault(told.code, told.text)), ask, start_response)
        except NotAuthenticated as refusal:
            return given(challenge(refusal), ask, start_response)
        except Refusal as refusal:
            return given(refused(refusal), ask, start_response)
        except UNANSWERED as error:
            return given(refused(unavailable(error)), ask, start_response)
        except Exception:
            # A client of XML-RPC understands a fault, and no page that says 500.
            log.exception("a call failed: request %s", environ.get("warehouse.request_id", "without a number"))
            bug = faults.application_error()
            return given(Answer(200, headers, fault(bug.code, bug.text)), ask, start_response)

    def _reply(self, ask: Ask, environ: dict[str, Any], headers: Fields) -> Reply:
        if ask.method != "POST":
            raise faults.application_error()
        allowance = count_call(self._tools, ask.client)
        if allowance is not None:
            headers += rates.headers([allowance._replace(left=max(allowance.left, 0))])
            if allowance.left < 0:
                raise faults.too_many(allowance.seconds)
        try:
            call = read_call(body_of(environ, LONGEST_CALL))
        except Unreadable as error:
            raise faults.unreadable(str(error)) from error
        return self._methods.answer(call)


def _sent(reply: Reply, ask: Ask, headers: Fields, start_response: StartResponse) -> Iterable[bytes]:
    """The answer to a call: whole if it is short, else piece by piece, and compressed for those who take that."""
    pieces = reply.pieces
    if accepted_encoding(ask.headers.get("accept-encoding"), ("gzip", "identity")) == "gzip":
        headers = [*headers, ("Content-Encoding", "gzip")]  # not for a fault, should the first pieces fail
        pieces = reply.gzipped or (lambda: _compressed(reply.pieces()))
    made = pieces()
    begun, is_all = _begun(made)
    if is_all:
        return given(Answer(200, headers, begun), ask, start_response)
    start_response("200 OK", headers)
    return chain([begun], made)


def _begun(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first pieces together, up to about :data:`WHOLE` bytes, and whether that is all there is."""
    blocks, size = [], 0
    for piece in pieces:
        blocks.append(piece)
        size += len(piece)
        if size > WHOLE:
            return b"".join(blocks), False
    return b"".join(blocks), True


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in pieces:
        if made := compressor.compress(piece):
            yield made
    yield compressor.flush()
