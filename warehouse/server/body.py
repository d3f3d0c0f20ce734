"""Where the body of a request ends: counted by its length, or chunk by chunk as llhttp reads them."""

from __future__ import annotations

from typing import Protocol

import httptools

from warehouse.server.head import Frame, Malformed

_CHUNKED_HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
_FRAMING_ALLOWED = 16 * 1024


class Body(Protocol):
    """Takes bytes off the wire and gives those of the body.

    ``done``: the body is complete. ``spoiled``: what came after it cannot be told apart, so this connection can
    carry no further request.
    """

    done: bool
    spoiled: bool

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """The part of ``data`` that is body, and what belongs to the next request."""
        ...


class CountedBody:
    """A body of ``Content-Length`` bytes."""

    __slots__ = ("done", "left", "spoiled")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0
        self.spoiled = False

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Count off what is still missing."""
        if len(data) < self.left:
            self.left -= len(data)
            return data, b""
        body, rest = data[: self.left], data[self.left :]
        self.left = 0
        self.done = True
        return body, rest


class _AnotherMessage(Exception):
    """More came after the last chunk."""


class ChunkedBody:
    """A chunked body. Trailers are read and dropped.

    llhttp does not say where in its input a message ended. Clients do not pipeline behind a chunked body, so when
    one does, the connection is closed after the answer: the body is then ``spoiled``.
    """

    __slots__ = ("_blocks", "_framing", "_parser", "done", "on_body", "spoiled")

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._framing = _FRAMING_ALLOWED
        self.done = False
        self.spoiled = False
        self.on_body = self._blocks.append
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(_CHUNKED_HEAD)

    def on_message_begin(self) -> None:
        if self.done:
            raise _AnotherMessage

    def on_message_complete(self) -> None:
        self.done = True

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Undo the chunking; raises ``Malformed`` for what is not chunks, or hardly any content in many of them."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self.done:
                raise Malformed(400, "The body is not in valid chunks.") from None
            self.spoiled = True
        content = b"".join(self._blocks)
        self._blocks.clear()
        self._framing -= len(data) - 2 * len(content)
        if self._framing < 0:
            raise Malformed(400, "The body has more chunk framing than content.")
        self._framing = min(self._framing, _FRAMING_ALLOWED)
        return content, b""


def body_of(frame: Frame) -> CountedBody | ChunkedBody:
    """The body that a request's header fields announce."""
    return ChunkedBody() if frame.chunked else CountedBody(frame.length)
