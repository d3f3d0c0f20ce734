"""Sends answers: bytes at once, files and streams in pieces, never faster than the client takes them."""

from __future__ import annotations

import asyncio
import os

from warehouse.server.bridge import Streamed
from warehouse.server.files import OpenSlice, Prepared, is_cached, opened, read_cached
from warehouse.server.head import Frame
from warehouse.server.reply import Ready, has_no_body, head_bytes, length_of
from warehouse.server.shared import Shared
from warehouse.server.wire import Wire
from warehouse.standards.http.message import Answer, Ask
from warehouse.standards.networks import network_of

PIECE = 256 * 1024
"""Bytes of a file in memory for one reader."""

_PIECES_PER_TURN = 4
_JOINED = 64 * 1024


Reply = Ready | Prepared | Streamed


async def made_ready(reply: Answer | Reply, shared: Shared, whose: str) -> Reply:
    """Whatever a site gave, ready to be sent; files are opened in a thread."""
    if not isinstance(reply, Answer):
        return reply
    return opened(reply) if isinstance(reply.body, bytes) else await shared.pages.insist(whose, opened, reply)


async def send(wire: Wire, ask: Ask, frame: Frame, reply: Reply, *, keep: bool) -> tuple[int, int, bool]:
    """Send one answer; returns its status, the size of the body that was sent, and whether the connection stays."""
    if isinstance(reply, Streamed):
        return reply.status, *await _send_stream(wire, ask, frame, reply, keep=keep)
    if isinstance(reply, Ready):
        body = reply.body if ask.method != "HEAD" else b""
        wire.write(reply.head + _end(wire, frame, keep=keep), body)
        await wire.drained()
        return reply.status, len(body), keep
    try:
        head = _head(ask, reply.answer, length_of(reply.answer.body)) + _end(wire, frame, keep=keep)
        if ask.method == "HEAD" or has_no_body(reply.answer.status):
            wire.write(head)
            return reply.answer.status, 0, keep
        await _send_parts(wire, head, reply.parts, network_of(ask.client))
        return reply.answer.status, length_of(reply.answer.body), keep
    finally:
        reply.close()


def _head(ask: Ask, answer: Answer | Streamed, length: int | None) -> bytes:
    headers = answer.headers
    if not any(name.lower() == "x-request-id" for name, _ in headers):
        headers = [*headers, ("X-Request-ID", ask.request_id)]
    return head_bytes(answer.status, answer.reason, headers, length)


def _end(wire: Wire, frame: Frame, *, keep: bool) -> bytes:
    stamp = wire.shared.stamp
    return stamp.end(frame.minor) if keep else stamp.close


async def _send_parts(wire: Wire, head: bytes, parts: list[bytes | OpenSlice], whose: str) -> None:
    first = parts[0] if parts else b""
    if isinstance(first, bytes) and len(first) <= _JOINED:
        head, parts = head + first, parts[1:]
    wire.write(head)
    for part in parts:
        await wire.drained()
        if isinstance(part, bytes):
            wire.write(part)
        else:
            await _send_file(wire, part, whose)
    await wire.drained()


async def _send_file(wire: Wire, part: OpenSlice, whose: str) -> None:
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
            count = await _read(wire, part.fd, view[:size], at, whose)
            wire.write(view[:count])
            await wire.drained()
        at += count
        pieces += 1
        if pieces % _PIECES_PER_TURN == 0:
            await asyncio.sleep(0)  # A fast reader would keep everybody else waiting.


async def _read(wire: Wire, fd: int, window: memoryview, at: int, whose: str) -> int:
    count = read_cached(fd, window, at)
    if count < 0:
        count = await wire.shared.files.insist(whose, os.preadv, fd, [window], at)
    if count == 0:
        raise OSError("the file became shorter while it was sent")
    return count


async def _send_stream(wire: Wire, ask: Ask, frame: Frame, stream: Streamed, *, keep: bool) -> tuple[int, bool]:
    """Send what a WSGI application yields, block by block, each in its own turn of a thread."""
    bridge, whose = wire.shared.bridge, network_of(ask.client)
    try:
        bare = ask.method == "HEAD" or has_no_body(stream.status)
        chunked = stream.length is None and frame.minor == 1 and not bare
        if stream.length is None and not chunked and not bare:
            keep = False  # HTTP/1.0: the end of the connection is the end of the body.
        head = _head(ask, stream, stream.length)
        if chunked:
            head += b"Transfer-Encoding: chunked\r\n"
        head += _end(wire, frame, keep=keep)
        if bare:
            wire.write(head)
            return 0, keep
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
            block = await bridge.insist(whose, stream.more) if stream.rest is not None else None
        if chunked:
            wire.write(b"0\r\n\r\n")
        elif stream.length is not None and sent < stream.length:
            raise ValueError(f"{ask.path}: the application announced {stream.length} bytes and gave {sent}")
        return sent, keep
    finally:
        if stream.rest is not None:
            await bridge.insist(whose, stream.close)
