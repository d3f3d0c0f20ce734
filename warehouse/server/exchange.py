"""One request that takes more than a glance: read its body, find who answers it, send the answer."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from math import inf

from warehouse.errors import Refusal
from warehouse.server import bridge, files, sending, uploading
from warehouse.server.body import body_of
from warehouse.server.head import Frame, Malformed
from warehouse.server.later import Later
from warehouse.server.reply import Ready, broken, refused
from warehouse.server.shared import Shared, log
from warehouse.server.wire import Departed, Wire
from warehouse.standards.http.message import Answer, Ask
from warehouse.standards.networks import network_of


class Exchange:
    """A request in work. Its task is never cancelled: it ends by answering or by ``Departed``, and cleans up."""

    def __init__(self, wire: Wire, ask: Ask, frame: Frame) -> None:
        self.ask = replace(ask, request_id=secrets.token_hex(8))
        self.frame = frame
        self.body = body_of(frame)
        self.whose = network_of(ask.client)  # whose turn it is when others wait for threads, too
        self._wire = wire
        self._shared = wire.shared
        self._latest = inf

    async def run(self, found: Answer | Ready | Later | None) -> bool | None:
        """Answer, with ``found`` if that is known already; returns whether another request may follow.

        None: there was no whole answer, and the connection is of no further use.
        """
        shared = self._shared
        started = time.monotonic()
        try:
            reply = await sending.made_ready(await self._awaited(found), shared, self.whose)
        except Departed:
            return None
        except Refusal as refusal:
            shared.stats.refused += 1
            self._wire.last = self._wire.last or isinstance(refusal, Malformed)
            reply = files.opened(refused(refusal))
        except Exception:
            reply = files.opened(failed(shared, self.ask))
        try:
            status, size, keep = await self._send(reply)
        except Departed:
            return None
        except Exception:
            log.exception("the answer to request %s could not be sent", self.ask.request_id)
            return None
        shared.stats.bytes += size
        if shared.on_done is not None:
            shared.on_done(self.ask, status, size, time.monotonic() - started)
        return keep

    async def _awaited(self, found: Answer | Ready | Later | None) -> Answer | sending.Reply:
        reply = found if found is not None else await self._reply()
        if not isinstance(reply, Later):
            return reply
        at_last = await self._shared.waiting.reply(self._wire, self.ask, reply)
        assert at_last is not None and not isinstance(at_last, Later), "what is asked instead must be answered"
        return at_last

    async def _reply(self) -> Answer | sending.Reply | Later:
        shared = self._shared
        receiver = shared.site.receive(self.ask)
        if receiver is not None:
            shared.stats.uploads += 1
            return await uploading.receive(self, receiver, shared)
        content = await self._read_body()
        prepared = await shared.pages.run(self.whose, files.prepare, shared.site.answer, self.ask)
        if prepared is not None:
            return prepared
        environ = bridge.environ_of(self.ask, self.frame, content, self._wire.server)
        return await shared.bridge.run(self.whose, bridge.call, shared.site.wsgi, environ)

    async def _send(self, reply: sending.Reply) -> tuple[int, int, bool]:
        wire, shared = self._wire, self._shared
        wire.answering = False
        read = self.body.done and not self.body.spoiled
        keep = read and self.frame.keep_alive and not wire.last and not shared.stopping
        try:
            return await sending.send(wire, self.ask, self.frame, reply, keep=keep)
        except Departed:
            raise
        except Exception:
            if wire.answering:
                raise
            return await sending.send(wire, self.ask, self.frame, files.opened(failed(shared, self.ask)), keep=keep)

    # The body

    async def _read_body(self) -> bytes:
        """A whole ordinary body; longer than ``Limits.body_size``: 413."""
        if self.body.done:
            return b""
        most = self._shared.limits.body_size
        too_large = Malformed(413, f"The body is larger than {most} bytes.")
        if self.frame.length > most:
            raise too_large
        self.expect_body()
        blocks: list[bytes] = []
        size = 0
        while not self.body.done:
            block = await self.more()
            size += len(block)
            if size > most:
                raise too_large
            blocks.append(block)
        return b"".join(blocks)

    def expect_body(self) -> None:
        """The body is wanted: start its clock and, if the client waits to be told, tell it."""
        limits = self._shared.limits
        self._latest = self._shared.now + limits.body_time
        if self.frame.awaits_continue:
            self._wire.go_on()

    async def more(self) -> bytes:
        """The next bytes of the body; raises ``Departed``, or ``Malformed`` when they are late or make no sense."""
        data = await self._wire.arrived(self._latest)
        content, rest = self.body.take(data)
        self._wire.unread(rest)
        self._latest += len(content) / self._shared.limits.body_rate  # for what came, not for what was announced
        return content

    def extend(self, seconds: float) -> None:
        """The body's clock stands still while a block is in work on our side."""
        self._latest += seconds


def failed(shared: Shared, ask: Ask) -> Answer:
    """Inside ``except``: log what went wrong, and tell the client where to find it in the log."""
    shared.stats.broken += 1
    request_id = ask.request_id or secrets.token_hex(8)
    log.exception("request %s failed: %s %s", request_id, ask.method, ask.path)
    return broken(request_id)
