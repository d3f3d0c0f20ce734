"""Sends answers: bytes at once, files and streams in pieces, never faster than the client takes them."""

from __future__ import annotations

import asyncio
import os
from typing import Protocol

from warehouse.server.bridge import Streamed
from warehouse.server.files import OpenSlice, Prepared, is_cached, opened, read_cached
from warehouse.server.head import Frame
from warehouse.server.reply import Ready, has_no_body, head_bytes, length_of
from warehouse.server.shared import Shared
from warehouse.standards.http.message import Answer, Ask

PIECE = 256 * 1024
"""Bytes of a file in memory for one reader."""

_PIECES_PER_TURN = 4
_JOINED = 64 * 1024


Reply = Ready | Prepared | Streamed


class Wire(Protocol):
    """What is needed of a connection."""

    @property
    def shared(self) -> Shared: ...

    def write(self, *parts: bytes | memoryview) -> None: ...

    def sendfile(self, fd: int, at: int, size: int, /) -> int: ...

    def one_at_a_time(self) -> None: ...

    async def drained(self) -> None: ...

    def may_stay(self, frame: Frame, /) -> bool: ...

    def head_end(self, keep: bool, frame: Frame, /) -> bytes: ...

    def abort(self) -> None: ...

    last: bool


async def made_ready(reply: Answer | Reply, shared: Shared) -> Reply:
    """Whatever a site gave, ready to be sent; files are opened in a thread."""
    if not isinstance(reply, Answer):
        return reply
    return opened(reply) if isinstance(reply.body, bytes) else await shared.pages.insist(opened, reply)


async def send(wire: Wire, ask: Ask, frame: Frame, reply: Reply) -> tuple[int, int]:
    """Send one answer; returns its status and the size of the body that was sent."""
    if isinstance(reply, Streamed):
        return reply.status, await _send_stream(wire, ask, frame, reply)
    if isinstance(reply, Ready):
        body = reply.body if ask.method != "HEAD" else b""
        wire.write(reply.head + wire.head_end(wire.may_stay(frame), frame), body)
        await wire.drained()
        return reply.status, len(body)
    try:
        return reply.answer.status, await _send_parts(wire, ask, frame, reply)
    finally:
        reply.close()


def _head(wire: Wire, ask: Ask, frame: Frame, answer: Answer | Streamed, length: int | None, *, keep: bool) -> bytes:
    headers = answer.headers
    if not any(name.lower() == "x-request-id" for name, _ in headers):
        headers = [*headers, ("X-Request-ID", ask.request_id)]
    return head_bytes(answer.status, answer.reason, headers, length) + wire.head_end(keep, frame)


async def _send_parts(wire: Wire, ask: Ask, frame: Frame, prepared: Prepared) -> int:
    answer = prepared.answer
    length = length_of(answer.body)
    head = _head(wire, ask, frame, answer, length, keep=wire.may_stay(frame))
    if ask.method == "HEAD" or has_no_body(answer.status):
        wire.write(head)
        return 0
    parts = prepared.parts
    if len(parts) == 1 and isinstance(parts[0], bytes):
        wire.write(head + parts[0]) if length <= _JOINED else wire.write(head, parts[0])
        await wire.drained()
        return length
    wire.write(head)
    for part in parts:
        if isinstance(part, bytes):
            wire.write(part)
            await wire.drained()
        else:
            await _send_file(wire, part)
    return length


async def _send_file(wire: Wire, part: OpenSlice) -> None:
    """Send a slice of a file: inside the kernel while it is in memory and the client takes it, else by a buffer.

    Only what must come from the disk is read by a thread, so a slow reader holds a buffer and never a thread. When
    the socket is full, one buffer goes through the transport, which knows when there is room again.
    """
    wire.one_at_a_time()
    await wire.drained()
    view = memoryview(bytearray(min(PIECE, part.end - part.start)))
    at, pieces = part.start, 0
    while at < part.end:
        size = min(PIECE, part.end - at)
        count = wire.sendfile(part.fd, at, size) if is_cached(part.fd, at, size) else 0
        if count == 0:
            count = await _read(wire, part.fd, view[:size], at)
            wire.write(view[:count])
            await wire.drained()
        at += count
        pieces += 1
        if pieces % _PIECES_PER_TURN == 0:
            await asyncio.sleep(0)  # A fast reader would keep everybody else waiting.


async def _read(wire: Wire, fd: int, window: memoryview, at: int) -> int:
    count = read_cached(fd, window, at)
    if count < 0:
        count = await wire.shared.files.insist(os.preadv, fd, [window], at)
    if count == 0:
        raise OSError("the file became shorter while it was sent")
    return count


async def _send_stream(wire: Wire, ask: Ask, frame: Frame, stream: Streamed) -> int:
    """Send what a WSGI application yields, block by block, each in its own turn of a thread."""
    bridge = wire.shared.bridge
    try:
        bare = ask.method == "HEAD" or has_no_body(stream.status)
        chunked = stream.length is None and frame.minor == 1 and not bare
        if stream.length is None and not chunked and not bare:
            wire.last = True  # HTTP/1.0: the end of the connection is the end of the body.
        head = _head(wire, ask, frame, stream, stream.length, keep=wire.may_stay(frame))
        if chunked:
            head = head[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
        if bare:
            wire.write(head)
            return 0
        sent = 0
        block: bytes | None = stream.first
        while block is not None:
            if stream.length is not None:
                block = block[: stream.length - sent]
            sent += len(block)
            framed = b"%x\r\n%b\r\n" % (len(block), block) if chunked and block else block
            wire.write(head + framed)
            head = b""
            await wire.drained()
            block = await bridge.insist(stream.more) if stream.rest is not None else None
        if chunked:
            wire.write(b"0\r\n\r\n")
        elif stream.length is not None and sent < stream.length:
            raise ValueError(f"{ask.path}: the application announced {stream.length} bytes and gave {sent}")
        return sent
    finally:
        if stream.rest is not None:
            await bridge.insist(stream.close)
