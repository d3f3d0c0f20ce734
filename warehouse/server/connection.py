"""One connection: reads requests, answers hits at once and everything else in a task, keeps every deadline."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import sys
import termios
from math import inf
from typing import Any, cast

from warehouse.errors import Refusal
from warehouse.server.body import ChunkedBody, CountedBody
from warehouse.server.exchange import Exchange, failed
from warehouse.server.head import NOTHING, Frame, Line, Malformed
from warehouse.server.later import Later
from warehouse.server.proxies import address_of, is_trusted, origin
from warehouse.server.reply import Ready, head_bytes, refused
from warehouse.server.shared import Shared, log
from warehouse.server.wire import Departed
from warehouse.standards.http.message import Answer, Ask
from warehouse.standards.networks import network_of

HEAD, BUSY, BODY, WAIT, LINGER, CLOSED = range(6)
"""Reading a head; a request is in work and nothing is read; its task waits for more of the body; it waits for news
and for the client to leave; the answer is given and the rest of the body thrown away; closed or closing."""

_END = b"\r\n\r\n"
_JOINED = 64 * 1024
_HITS_PER_TURN = 64
_FIRST_REQUEST = 1.0  # seconds that the first request of a connection may take to come when the worker stops
_EVERYTHING = Answer(200, [("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")])


class Connection(asyncio.Protocol):
    """Speaks HTTP/1.1 with one client.

    A request is either answered inside ``data_received`` (the site glanced at it and had the bytes ready) or by an
    ``Exchange`` in a task that is never cancelled: it waits for the client in ``arrived`` and ``drained``, which raise
    ``Departed`` when the client has left, so cleaning up is ordinary control flow.
    """

    __slots__ = (
        "_body",
        "_buffer",
        "_fault",
        "_held",
        "_is_new",
        "_latest",
        "_peer",
        "_state",
        "_swallowed",
        "_transport",
        "_trusted",
        "_unsent",
        "_waiter",
        "answering",
        "deadline",
        "last",
        "lost",
        "shared",
        "write_paused",
    )

    _transport: asyncio.Transport

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self._state = HEAD
        self._buffer = b""
        self.answering = False  # bytes of the answer were sent: it cannot become another
        self._body: CountedBody | ChunkedBody | None = None
        self._fault: Exception | None = None
        self._waiter: asyncio.Future[Any] | None = None
        self._swallowed = 0
        self._latest = inf
        self._unsent = 0
        self._held = b""
        self.deadline = shared.now + shared.limits.idle
        self._is_new = True  # no request has come yet
        self.last = False  # no request after this one
        self.lost = False
        self.write_paused = False

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        shared = self.shared
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        shared.stats.connections += 1
        if not shared.has_room():
            shared.stats.turned_away += 1
            self._state = CLOSED
            full = Malformed(503, "Too many connections are open. Try again in a few seconds.")
            self._transport.write(self._plain(refused(full)))
            transport.close()
            return
        shared.guests.add(self)
        if shared.stopping:
            self.leave()
        self._peer = address_of(transport.get_extra_info("peername"))
        self._trusted = bool(shared.limits.trusted) and is_trusted(self._peer, shared.limits.trusted)
        self._transport.set_write_buffer_limits(high=shared.limits.write_buffer)

    def data_received(self, data: bytes) -> None:
        state = self._state
        if state == HEAD:
            if self._buffer:
                data = self._buffer + data
                self._buffer = b""
            elif (known := self.shared.heads.recall(data)) is not None:
                if self._take(*known) and not self.write_paused:
                    self.deadline = self.shared.now + self.shared.limits.idle
                return
            self._read(data)
        elif state == BODY:
            self._pass_on(data)
        elif state == WAIT:
            self._buffer += data
            self._wake()
        elif state == BUSY:
            self._buffer += data
            self._transport.pause_reading()
        elif state == LINGER:
            self._swallow(data)

    def eof_received(self) -> bool:
        if self._state == BODY:
            self._fail(Malformed(400, "The connection ended before the body did."))
        elif self._state == WAIT:
            self._wake()
        elif self._state != BUSY:
            self._close()
            return False
        self.last = True  # The client may have closed its sending half only, and still read.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = CLOSED
        self.lost = True
        self._buffer = b""
        self.shared.guests.discard(self)
        self._fail(Departed())

    def pause_writing(self) -> None:
        self.write_paused = True
        self._watch_reader()
        if self._state == HEAD:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self.write_paused = False
        self._held = b""
        if self._state == HEAD:
            self._await_head()
        elif self._state == BUSY:
            self.deadline = inf
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(b"")

    # Called by the sweep

    @property
    def may_go(self) -> bool:
        """Waits for a request, and everything is sent: HTTP lets either side end such a connection at any time."""
        return self._state == HEAD and not self._transport.get_write_buffer_size()

    @property
    def whose(self) -> str:
        """The peer, as one that has connections."""
        return network_of(self._peer)

    @property
    def unsent(self) -> tuple[int, int]:
        """Which bytes the reader has yet to take, and how many are kept for that: those of one page are the same."""
        size = self._transport.get_write_buffer_size()
        if not size:
            self._held = b""
            return 0, 0
        return (id(self._held), len(self._held)) if len(self._held) > _JOINED else (id(self), size)

    def overdue(self) -> None:
        """The deadline has passed: say so where somebody listens, and close."""
        if self.write_paused or self._state == CLOSED:
            if self._untaken() < self._unsent:
                self._watch_reader()
            else:
                self.shared.stats.timeouts += 1
                self.abort()
            return
        self.shared.stats.timeouts += self._state != LINGER
        if self._state == HEAD and self._buffer:
            self._refuse(Malformed(408, "The request took too long to arrive."))
        elif self._state == HEAD:
            self._close()
        elif self._state == BODY:
            self._fail(Malformed(408, "The body took too long to arrive."))
        else:
            self.abort()

    def leave(self) -> None:
        """The worker stops: end now if nothing is in work, otherwise after the answer.

        Clients send their request again when a connection ends that had answered one, and not when it is new: there
        one may be on its way, and is waited for.
        """
        self.last = True
        if self._state != HEAD or self._buffer:
            return
        if self._is_new:
            self.deadline = min(self.deadline, self.shared.now + _FIRST_REQUEST)
        else:
            self._close()

    def abort(self) -> None:
        """End the connection, whatever is unsent."""
        self._state = CLOSED
        self._transport.abort()

    # Reading heads

    def _read(self, data: bytes) -> None:
        """Answer the requests in ``data`` while they are hits; give the first that is not to a task."""
        shared = self.shared
        at, size, hits = 0, len(data), 0
        while True:
            end = data.find(_END, at)
            if end < 0:
                if at:
                    self._latest = inf
                self._keep_part(data[at:])
                return
            block = data[at : end + 4]
            at = end + 4
            try:
                if len(block) > shared.limits.head_size:
                    raise Malformed(431, f"The header fields are larger than {shared.limits.head_size} bytes.")
                line, frame = shared.heads.read(block[2:] if block.startswith(b"\r\n") else block)
            except Malformed as malformed:
                self._refuse(malformed)
                return
            if not self._take(line, frame):
                self._buffer = data[at:]
                return
            if at == size:
                self._latest = inf
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
        self._is_new = False
        ask = self._ask(line, frame)
        found = self._glance(ask) if not (frame.length or frame.chunked) else None
        self.shared.stats.requests += 1
        if type(found) is Ready:
            return self._hit(ask, frame, found)
        self._start(ask, frame, found)
        return False

    def _ask(self, line: Line, frame: Frame) -> Ask:
        method, path, query = line
        if not self._trusted or frame.forwarded is NOTHING:
            return Ask(method, path, query, frame.headers, self._peer, self.shared.limits.scheme)
        limits = self.shared.limits
        client, scheme, host = origin(self._peer, frame, limits.trusted, limits.scheme)
        headers = frame.headers if host is None else {**frame.headers, "host": host}
        return Ask(method, path, query, headers, client, scheme)

    def _glance(self, ask: Ask) -> Answer | Ready | Later | None:
        if ask.path == "*":
            return _EVERYTHING
        try:
            return self.shared.site.glance(ask)
        except Refusal as refusal:
            return refused(refusal)
        except Exception:
            return failed(self.shared, ask)

    def _hit(self, ask: Ask, frame: Frame, found: Ready) -> bool:
        """Send what is ready; False: that was the last answer."""
        shared = self.shared
        keep = frame.keep_alive and not self.last
        end = shared.stamp.end(frame.minor) if keep else shared.stamp.close
        body = found.body if ask.method != "HEAD" else b""
        size = len(body)
        if size <= _JOINED:
            self._transport.write(b"".join((found.head, end, body)))
        else:
            self._held = body
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
        limits = self.shared.limits
        target_end = part.find(b"\r\n", 2)
        if len(part) > limits.head_size:
            self._refuse(Malformed(431, f"The header fields are larger than {limits.head_size} bytes."))
        elif target_end < 0 and len(part) > limits.target_size + 32:
            self._refuse(Malformed(414, f"The address is longer than {limits.target_size} bytes."))
        else:
            self._buffer = part
            if part and self._latest == inf:  # One deadline for the whole head: more bytes do not extend it.
                self._latest = self.deadline = self.shared.now + limits.head

    def _await_head(self) -> None:
        """Ready for the next request; it may have arrived already."""
        if self._state == CLOSED:
            return
        self._state = HEAD
        self._latest = inf
        self.deadline = self.shared.now + self.shared.limits.idle
        if self.write_paused:
            self._watch_reader()
            return
        if self._buffer:
            data, self._buffer = self._buffer, b""
            self._read(data)
        if self._state == HEAD and not self.write_paused:
            self._transport.resume_reading()

    # A request in work

    def _start(self, ask: Ask, frame: Frame, found: Answer | Ready | Later | None) -> None:
        self._state = BUSY
        self.deadline = self._latest = inf
        self._transport.pause_reading()
        self._fault = None
        task = self.shared.loop.create_task(self._serve(Exchange(self, ask, frame), found))
        self.shared.tasks.add(task)
        task.add_done_callback(self.shared.tasks.discard)

    async def _serve(self, exchange: Exchange, found: Answer | Ready | Later | None) -> None:
        try:
            keep = await exchange.run(found)
            if keep is None:
                self.abort()
            else:
                self._finish(exchange.body, keep=keep)
        except Exception:
            log.exception("request %s left its connection in disorder", exchange.ask.request_id)
            self.abort()

    async def arrived(self, latest: float) -> bytes:
        """The next bytes from the client; raises what the wait ended with (see ``Wire``)."""
        if self._fault is not None:
            raise self._fault
        data, self._buffer = self._buffer, b""
        if data:
            return data
        self._state = BODY
        self.deadline = min(self.shared.now + self.shared.limits.body_silence, latest)
        self._waiter = self.shared.loop.create_future()
        self._transport.resume_reading()
        return await self._waiter

    def unread(self, rest: bytes) -> None:
        """Keep what belongs to the next request."""
        self._buffer = rest

    def go_on(self) -> None:
        """Tell a client that waits to send its body, unless it has begun."""
        if not self._buffer:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    @property
    def server(self) -> Any:
        """The address that the client reached."""
        return self._transport.get_extra_info("sockname")

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

    def listen(self) -> asyncio.Future[Any]:
        """Read on while the answer waits, so that a client which leaves is seen at once (see ``Wire``)."""
        self._waiter = self.shared.loop.create_future()
        if self._fault is not None:
            self._waiter.set_exception(self._fault)
        elif self._buffer:
            self._waiter.set_result(None)
        else:
            self._state = WAIT
            self._transport.resume_reading()
        return self._waiter

    def listened(self) -> None:
        """Back to work (see ``Wire``)."""
        if self._state == WAIT:
            self._state = BUSY
            self._transport.pause_reading()

    def _wake(self) -> None:
        self.listened()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # Sending

    def write(self, *parts: bytes | memoryview) -> None:
        """Hand bytes to the transport; await ``drained`` before the next."""
        if self.lost:
            raise Departed
        self.answering = True
        if isinstance(parts[-1], bytes):
            self._held = parts[-1]
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
            self._waiter = self.shared.loop.create_future()
            await self._waiter
        if self.lost:
            raise Departed

    def _finish(self, body: CountedBody | ChunkedBody, *, keep: bool) -> None:
        if self._state == CLOSED:
            return
        if keep and not self.last:
            self._transport.set_write_buffer_limits(high=self.shared.limits.write_buffer)
            self._await_head()
        elif self._fault is not None:
            self._linger(None)
        elif not body.done:
            self._linger(body)
        else:
            self._close()

    def _refuse(self, malformed: Malformed) -> None:
        """Answer what is not a request, and close."""
        self.shared.stats.refused += 1
        self._transport.write(self._plain(refused(malformed)))
        self._linger(None)

    def _plain(self, answer: Answer) -> bytes:
        assert isinstance(answer.body, bytes)
        headers = [*answer.headers, ("X-Request-ID", secrets.token_hex(8))]
        head = head_bytes(answer.status, answer.reason, headers, len(answer.body))
        return head + self.shared.stamp.close + answer.body

    # Ending

    def _linger(self, body: CountedBody | ChunkedBody | None) -> None:
        """Read on for a while: closing with unread bytes would reset the connection, and the answer with it."""
        self._state = LINGER
        self._body = body
        limits = self.shared.limits
        self._latest = min(self._latest, self.shared.now + limits.body_time)
        self.deadline = self.shared.now + limits.linger
        self._transport.write_eof()
        rest, self._buffer = self._buffer, b""
        self._transport.resume_reading()
        self._swallow(rest)

    def _swallow(self, data: bytes) -> None:
        limits = self.shared.limits
        self._swallowed += len(data)
        self.deadline = min(self.shared.now + limits.linger, self._latest)
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
        self.deadline = self.shared.now + self.shared.limits.reader_silence

    def _untaken(self) -> int:
        """Bytes that the client has not acknowledged: ours and the kernel's, which may hold megabytes."""
        queued = bytearray(4)
        with contextlib.suppress(OSError, ValueError):  # A closed socket holds nothing.
            fcntl.ioctl(self._transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, queued)
        return self._transport.get_write_buffer_size() + int.from_bytes(queued, sys.byteorder)
