"""One connection: reads requests, answers hits at once and everything else in a task, keeps every deadline."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import sys
import termios
import time
from dataclasses import replace
from math import inf
from typing import cast

from warehouse.errors import Refusal
from warehouse.server import bridge, files, sending, uploading
from warehouse.server.body import ChunkedBody, CountedBody, body_of
from warehouse.server.head import Frame, Line, Malformed
from warehouse.server.proxies import address_of, is_trusted, origin
from warehouse.server.reply import Ready, broken, head_bytes, refused
from warehouse.server.shared import Shared, log
from warehouse.standards.http.message import Answer, Ask

HEAD, BUSY, BODY, LINGER, CLOSED = range(5)
"""Reading a head; a request is in work and nothing is read; its task waits for more of the body; the answer is given
and the rest of the body thrown away; closed or closing."""

_END = b"\r\n\r\n"
_JOINED = 64 * 1024
_HITS_PER_TURN = 64
_EVERYTHING = Answer(200, [("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")])


class Departed(Exception):
    """The client is gone: there is nobody to answer."""


class Connection(asyncio.Protocol):
    """Speaks HTTP/1.1 with one client.

    A request is either answered inside ``data_received`` (the site glanced at it and had the bytes ready) or by one
    task, ``_serve``, that is never cancelled: it waits for the wire in ``more`` and ``drained``, which raise
    ``Departed`` when the client has left, so cleaning up is ordinary control flow.
    """

    __slots__ = (
        "_answering",
        "_body",
        "_buffer",
        "_fault",
        "_peer",
        "_shared",
        "_state",
        "_swallowed",
        "_task",
        "_total",
        "_transport",
        "_trusted",
        "_unsent",
        "_waiter",
        "deadline",
        "last",
        "lost",
        "write_paused",
    )

    _transport: asyncio.Transport

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._state = HEAD
        self._buffer = b""
        self._answering = False  # bytes of the answer were sent: it cannot become another
        self._body: CountedBody | ChunkedBody | None = None
        self._fault: Exception | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._swallowed = 0
        self._total = inf
        self._unsent = 0
        self.deadline = shared.now + shared.limits.idle
        self.last = False  # no request after this one
        self.lost = False
        self.write_paused = False

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        shared = self._shared
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        shared.stats.connections += 1
        if len(shared.guests) >= shared.limits.connections or shared.stopping:
            shared.stats.turned_away += 1
            self._state = CLOSED
            full = Malformed(503, "Too many connections are open. Try again in a few seconds.")
            self._transport.write(self._plain(refused(full)))
            transport.close()
            return
        shared.guests.add(self)
        self._peer = address_of(transport.get_extra_info("peername"))
        self._trusted = bool(shared.limits.trusted) and is_trusted(self._peer, shared.limits.trusted)
        self._transport.set_write_buffer_limits(high=shared.limits.write_buffer)

    def data_received(self, data: bytes) -> None:
        state = self._state
        if state == HEAD:
            if self._buffer:
                data = self._buffer + data
                self._buffer = b""
            elif (known := self._shared.heads.recall(data)) is not None:
                if self._take(*known) and not self.write_paused:
                    self.deadline = self._shared.now + self._shared.limits.idle
                return
            self._read(data)
        elif state == BODY:
            self._pass_on(data)
        elif state == BUSY:
            self._buffer += data
            self._transport.pause_reading()
        elif state == LINGER:
            self._swallow(data)

    def eof_received(self) -> bool:
        if self._state == BODY:
            self._fail(Malformed(400, "The connection ended before the body did."))
        elif self._state != BUSY:
            self._close()
            return False
        self.last = True  # The client may have closed its sending half only, and still read.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = CLOSED
        self.lost = True
        self._buffer = b""
        self._shared.guests.discard(self)
        self._fail(Departed())

    def pause_writing(self) -> None:
        self.write_paused = True
        self._watch_reader()
        if self._state == HEAD:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._state == HEAD:
            self._await_head()
        elif self._state == BUSY:
            self.deadline = inf
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(b"")

    # Called by the sweep

    def overdue(self) -> None:
        """The deadline has passed: say so where somebody listens, and close."""
        if self.write_paused or self._state == CLOSED:
            if self._untaken() < self._unsent:
                self._watch_reader()
            else:
                self._shared.stats.timeouts += 1
                self.abort()
            return
        self._shared.stats.timeouts += self._state != LINGER
        if self._state == HEAD and self._buffer:
            self._refuse(Malformed(408, "The request took too long to arrive."))
        elif self._state == HEAD:
            self._close()
        elif self._state == BODY:
            self._fail(Malformed(408, "The body took too long to arrive."))
        else:
            self.abort()

    def leave(self) -> None:
        """The worker stops: end now if nothing is in work, otherwise after the answer."""
        self.last = True
        if self._state == HEAD and not self._buffer:
            self._close()

    def abort(self) -> None:
        """End the connection, whatever is unsent."""
        self._state = CLOSED
        self._transport.abort()

    # Reading heads

    def _read(self, data: bytes) -> None:
        """Answer the requests in ``data`` while they are hits; give the first that is not to a task."""
        shared = self._shared
        at, size, hits = 0, len(data), 0
        while True:
            end = data.find(_END, at)
            if end < 0:
                if at:
                    self._total = inf
                self._keep_part(data[at:])
                return
            block = data[at : end + 4]
            at = end + 4
            try:
                line, frame = shared.heads.read(block[2:] if block.startswith(b"\r\n") else block)
                if len(block) > shared.limits.head_size:
                    raise Malformed(431, f"The header fields are larger than {shared.limits.head_size} bytes.")
            except Malformed as malformed:
                self._refuse(malformed)
                return
            if not self._take(line, frame):
                self._buffer = data[at:]
                return
            if at == size:
                self._total = inf
                if not self.write_paused:
                    self.deadline = shared.now + shared.limits.idle
                return
            hits += 1
            if self.write_paused or hits == _HITS_PER_TURN:
                self._buffer = data[at:]
                self._transport.pause_reading()
                if not self.write_paused:
                    shared.loop.call_soon(self._await_head)
                return

    def _take(self, line: Line, frame: Frame) -> bool:
        """Answer a hit, or start the task that will; True: the next request may be read."""
        ask = self._ask(line, frame)
        found = self._glance(ask) if not (frame.length or frame.chunked) else None
        self._shared.stats.requests += 1
        if type(found) is Ready:
            return self._hit(ask, frame, found)
        self._start(ask, frame, found)
        return False

    def _ask(self, line: Line, frame: Frame) -> Ask:
        method, path, query = line
        if not self._trusted:
            return Ask(method, path, query, frame.headers, self._peer, self._shared.limits.scheme)
        limits = self._shared.limits
        client, scheme, host = origin(self._peer, frame, limits.trusted, limits.scheme)
        headers = frame.headers if host is None else {**frame.headers, "host": host}
        return Ask(method, path, query, headers, client, scheme)

    def _glance(self, ask: Ask) -> Answer | Ready | None:
        if ask.path == "*":
            return _EVERYTHING
        try:
            return self._shared.site.glance(ask)
        except Refusal as refusal:
            return refused(refusal)
        except Exception:
            return self._broken(ask)

    def _hit(self, ask: Ask, frame: Frame, found: Ready) -> bool:
        """Send what is ready; False: that was the last answer."""
        shared = self._shared
        keep = frame.keep_alive and not self.last
        stamp = shared.stamp
        end = (stamp.keep if frame.minor else stamp.keep_old) if keep else stamp.close
        body = found.body if ask.method != "HEAD" else b""
        size = len(body)
        if size <= _JOINED:
            self._transport.write(b"".join((found.head, end, body)))
        else:
            self._transport.writelines((found.head + end, body))
        stats = shared.stats
        stats.hits += 1
        stats.bytes += size
        if shared.tell_hits and shared.on_done is not None:
            shared.on_done(ask, found.status, size, 0.0)
        if not keep:
            self._close()
        return keep

    def _keep_part(self, part: bytes) -> None:
        """Keep the beginning of a head, unless it is already longer than a head may be."""
        limits = self._shared.limits
        target_end = part.find(b"\r\n", 2)
        if len(part) > limits.head_size:
            self._refuse(Malformed(431, f"The header fields are larger than {limits.head_size} bytes."))
        elif target_end < 0 and len(part) > limits.target_size + 32:
            self._refuse(Malformed(414, f"The address is longer than {limits.target_size} bytes."))
        else:
            self._buffer = part
            if part and self._total == inf:  # One deadline for the whole head: more bytes do not extend it.
                self._total = self.deadline = self._shared.now + limits.head

    def _await_head(self) -> None:
        """Ready for the next request; it may have arrived already."""
        if self._state == CLOSED:
            return
        self._state = HEAD
        self._total = inf
        self.deadline = self._shared.now + self._shared.limits.idle
        if self.write_paused:
            self._watch_reader()
            return
        if self._buffer:
            data, self._buffer = self._buffer, b""
            self._read(data)
        if self._state == HEAD and not self.write_paused:
            self._transport.resume_reading()

    # A request in work

    def _start(self, ask: Ask, frame: Frame, found: Answer | Ready | None) -> None:
        self._state = BUSY
        self.deadline = inf
        self._transport.pause_reading()
        self._body = body_of(frame)
        self._fault = None
        ask = replace(ask, request_id=secrets.token_hex(8))
        self._task = self._shared.loop.create_task(self._serve(ask, frame, found))

    async def _serve(self, ask: Ask, frame: Frame, found: Answer | Ready | None) -> None:
        shared = self._shared
        started = time.monotonic()
        try:
            reply = await sending.made_ready(found if found is not None else await self._reply(ask, frame), shared)
        except Departed:
            return
        except Refusal as refusal:
            shared.stats.refused += 1
            self.last = self.last or isinstance(refusal, Malformed)
            reply = files.opened(refused(refusal))
        except Exception:
            reply = files.opened(self._broken(ask))
        try:
            status, size = await self._send(ask, frame, reply)
        except Departed:
            return
        except Exception:
            log.exception("the answer to request %s could not be sent", ask.request_id)
            self.abort()
            return
        shared.stats.bytes += size
        if shared.on_done is not None:
            shared.on_done(ask, status, size, time.monotonic() - started)
        self._finish(frame)

    async def _send(self, ask: Ask, frame: Frame, reply: sending.Reply) -> tuple[int, int]:
        self._answering = False
        try:
            return await sending.send(self, ask, frame, reply)
        except Departed:
            raise
        except Exception:
            if self._answering:
                raise
            return await sending.send(self, ask, frame, files.opened(self._broken(ask)))

    async def _reply(self, ask: Ask, frame: Frame) -> Answer | sending.Reply:
        shared, body = self._shared, self._body
        assert body is not None
        receiver = shared.site.receive(ask)
        if receiver is not None:
            shared.stats.uploads += 1
            return await uploading.receive(self, receiver, frame, body, shared)
        content = await self._read_body(frame, body)
        prepared = await shared.pages.run(files.prepare, shared.site.answer, ask)
        if prepared is not None:
            return prepared
        environ = bridge.environ_of(ask, frame, content, self._transport.get_extra_info("sockname"))
        return await shared.bridge.run(bridge.call, shared.site.wsgi, environ)

    async def _read_body(self, frame: Frame, body: CountedBody | ChunkedBody) -> bytes:
        """A whole ordinary body; longer than ``Limits.body_size``: 413."""
        if body.done:
            return b""
        most = self._shared.limits.body_size
        too_large = Malformed(413, f"The body is larger than {most} bytes.")
        if frame.length > most:
            raise too_large
        self.expect_body(frame)
        blocks: list[bytes] = []
        size = 0
        while not body.done:
            block = await self.more(body)
            size += len(block)
            if size > most:
                raise too_large
            blocks.append(block)
        return b"".join(blocks)

    def expect_body(self, frame: Frame) -> None:
        """The body is wanted: start its clock and, if the client waits to be told, tell it."""
        limits = self._shared.limits
        self._total = self._shared.now + limits.body_time + frame.length / limits.body_rate
        if frame.awaits_continue and not self._buffer:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def more(self, body: CountedBody | ChunkedBody) -> bytes:
        """The next bytes of the body; raises ``Departed``, or ``Malformed`` when they are late or make no sense."""
        if self._fault is not None:
            raise self._fault
        limits = self._shared.limits
        data, self._buffer = self._buffer, b""
        if not data:
            self._state = BODY
            self.deadline = min(self._shared.now + limits.body_silence, self._total)
            self._waiter = self._shared.loop.create_future()
            self._transport.resume_reading()
            data = await self._waiter
        content, self._buffer = body.take(data)
        if not body.done and isinstance(body, ChunkedBody):
            self._total += len(content) / limits.body_rate
        return content

    def extend(self, seconds: float) -> None:
        """The body's clock stands still while the block is in work on our side."""
        self._total += seconds

    def _pass_on(self, data: bytes) -> None:
        self._state = BUSY
        self.deadline = inf
        self._transport.pause_reading()
        assert self._waiter is not None
        self._waiter.set_result(data)

    def _fail(self, fault: Exception) -> None:
        """End what the task waits for, now or the next time it waits."""
        self._fault = fault
        if self._state == BODY:
            self._state = BUSY
            self.deadline = inf
            self._transport.pause_reading()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(fault)

    # Sending

    def write(self, *parts: bytes | memoryview) -> None:
        """Hand bytes to the transport; await ``drained`` before the next."""
        if self.lost:
            raise Departed
        self._answering = True
        self._transport.writelines(parts)

    def sendfile(self, fd: int, at: int, size: int) -> int:
        """Send from a file inside the kernel, when nothing is unsent; returns the bytes sent, 0: the socket is full."""
        if self.lost:
            raise Departed
        try:
            return os.sendfile(self._transport.get_extra_info("socket").fileno(), fd, at, size)
        except BlockingIOError:
            return 0
        except ConnectionError:
            self.abort()
            raise Departed from None

    def one_at_a_time(self) -> None:
        """From here on ``drained`` waits until nothing is unsent, so that a buffer can be used again."""
        self._transport.set_write_buffer_limits(high=0)

    async def drained(self) -> None:
        """Until the client has taken enough; raises ``Departed`` when it is gone, also by taking nothing."""
        while self.write_paused and not self.lost:
            self._waiter = self._shared.loop.create_future()
            await self._waiter
        if self.lost:
            raise Departed

    def may_stay(self, frame: Frame) -> bool:
        """Will another request be read after this answer?"""
        body = self._body
        read = body is not None and body.done and not body.spoiled
        return read and frame.keep_alive and not self.last and not self._shared.stopping

    def head_end(self, keep: bool, frame: Frame) -> bytes:
        """Date, Connection and the empty line."""
        stamp = self._shared.stamp
        return (stamp.keep if frame.minor else stamp.keep_old) if keep else stamp.close

    @property
    def shared(self) -> Shared:
        """What all connections of this worker share."""
        return self._shared

    def _finish(self, frame: Frame) -> None:
        body, self._body = self._body, None
        self._task = None
        if self._state == CLOSED:
            return
        if body is not None and not body.done and self._fault is None:
            self._linger(body)
        elif self.last or not frame.keep_alive or (body is not None and body.spoiled):
            self._close() if self._fault is None else self._linger(None)
        else:
            self._transport.set_write_buffer_limits(high=self._shared.limits.write_buffer)
            self._await_head()

    def _refuse(self, malformed: Malformed) -> None:
        """Answer what is not a request, and close."""
        self._shared.stats.refused += 1
        self._transport.write(self._plain(refused(malformed)))
        self._linger(None)

    def _plain(self, answer: Answer) -> bytes:
        assert isinstance(answer.body, bytes)
        headers = [*answer.headers, ("X-Request-ID", secrets.token_hex(8))]
        head = head_bytes(answer.status, answer.reason, headers, len(answer.body))
        return head + self._shared.stamp.close + answer.body

    def _broken(self, ask: Ask) -> Answer:
        self._shared.stats.broken += 1
        request_id = ask.request_id or secrets.token_hex(8)
        log.exception("request %s failed: %s %s", request_id, ask.method, ask.path)
        return broken(request_id)

    # Ending

    def _linger(self, body: CountedBody | ChunkedBody | None) -> None:
        """Read on for a while: closing with unread bytes would reset the connection, and the answer with it."""
        self._state = LINGER
        self._body = body
        limits = self._shared.limits
        self._total = min(self._total, self._shared.now + limits.body_time)
        self.deadline = self._shared.now + limits.linger
        self._transport.write_eof()
        rest, self._buffer = self._buffer, b""
        self._transport.resume_reading()
        self._swallow(rest)

    def _swallow(self, data: bytes) -> None:
        limits = self._shared.limits
        self._swallowed += len(data)
        self.deadline = min(self._shared.now + limits.linger, self._total)
        if self._swallowed > limits.drain_size:
            self.abort()
        elif self._body is not None:
            try:
                self._body.take(data)
            except Malformed:
                self._body = None
            else:
                if self._body.done:
                    self._close()

    def _close(self) -> None:
        """Close when everything is sent; a reader that does not take it is watched."""
        self._state = CLOSED
        self._watch_reader()
        self._transport.close()

    def _watch_reader(self) -> None:
        self._unsent = self._untaken()
        self.deadline = self._shared.now + self._shared.limits.reader_silence

    def _untaken(self) -> int:
        """Bytes that the client has not acknowledged: ours and the kernel's, which may hold megabytes."""
        queued = bytearray(4)
        with contextlib.suppress(OSError, ValueError):  # A closed socket holds nothing.
            fcntl.ioctl(self._transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, queued)
        return self._transport.get_write_buffer_size() + int.from_bytes(queued, sys.byteorder)
