"""Hands the body of an upload to its receiver: in big blocks, in a thread, with the client held back meanwhile."""

from __future__ import annotations

import time
from typing import Protocol

from warehouse.server.body import ChunkedBody, CountedBody
from warehouse.server.head import Frame, Malformed
from warehouse.server.pool import Pool
from warehouse.server.shared import Shared, log
from warehouse.server.site import Receiver
from warehouse.standards.http.message import Answer

BLOCK = 256 * 1024
"""Bytes gathered before a thread is taken; a body below this takes one hop for everything."""


class Sender(Protocol):
    """What is needed of an exchange."""

    frame: Frame
    body: CountedBody | ChunkedBody
    whose: str

    def expect_body(self) -> None: ...

    async def more(self) -> bytes: ...

    def extend(self, seconds: float, /) -> None: ...


async def receive(sender: Sender, receiver: Receiver, shared: Shared) -> Answer:
    """Feed the whole body; whatever happens, the receiver is either finished or aborted, once."""
    upload = _Upload(receiver)
    try:
        return await _receive(sender, upload, shared.uploads)
    finally:
        if not upload.ended:
            await shared.uploads.insist(sender.whose, _abort, receiver)


async def _receive(sender: Sender, upload: _Upload, uploads: Pool) -> Answer:
    limit = upload.receiver.limit
    too_large = Malformed(413, f"The upload is larger than {limit} bytes.")
    frame, body, whose = sender.frame, sender.body, sender.whose
    if frame.length > limit:
        raise too_large
    if frame.awaits_continue:
        await uploads.run(whose, upload.begin)  # A refusal here saves the client from sending anything.
    sender.expect_body()
    blocks: list[bytes] = []
    gathered = received = 0
    while not body.done:
        block = await sender.more()
        received += len(block)
        if received > limit:
            raise too_large
        blocks.append(block)
        gathered += len(block)
        if gathered >= BLOCK and not body.done:
            started = time.monotonic()
            await (uploads.insist if upload.begun else uploads.run)(whose, upload.feed, blocks)
            sender.extend(time.monotonic() - started)
            blocks = []
            gathered = 0
    return await (uploads.insist if upload.begun else uploads.run)(whose, upload.finish, blocks)


class _Upload:
    """The receiver's turns; every method runs in a thread."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.begun = False
        self.ended = False

    def begin(self) -> None:
        self.begun = True
        self.receiver.begin()

    def feed(self, blocks: list[bytes]) -> None:
        if not self.begun:
            self.begin()
        block = blocks[0] if len(blocks) == 1 else b"".join(blocks)
        if block:
            self.receiver.feed(block)

    def finish(self, blocks: list[bytes]) -> Answer:
        self.feed(blocks)
        self.ended = True
        return self.receiver.finish()


def _abort(receiver: Receiver) -> None:
    try:
        receiver.abort()
    except Exception:
        log.exception("an upload could not be aborted")
