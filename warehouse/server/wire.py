"""What a request in work may ask of the connection that it came by."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from warehouse.server.shared import Shared


class Departed(Exception):
    """The client is gone: there is nobody to answer."""


class Wire(Protocol):
    """One client, as the task of a request sees it. What waits or writes raises ``Departed`` once it is gone."""

    last: bool
    """No request will be read after this one."""
    answering: bool
    """Bytes of the answer were sent: it cannot become another."""

    @property
    def shared(self) -> Shared: ...

    @property
    def server(self) -> Any:
        """The address that the client reached, as the socket says it."""
        ...

    async def arrived(self, latest: float, /) -> bytes:
        """The next bytes from the client; raises ``Malformed`` when they are late or the last have come."""
        ...

    def unread(self, rest: bytes, /) -> None:
        """Give back what belongs to the next request."""
        ...

    def go_on(self) -> None:
        """Tell a client that waits to send its body, unless it has begun."""
        ...

    def write(self, *parts: bytes | memoryview) -> None:
        """Hand bytes to the transport; await ``drained`` before the next."""
        ...

    def sendfile(self, fd: int, at: int, size: int, /) -> int:
        """Send from a file inside the kernel, when nothing is unsent; returns the bytes sent, 0: the socket is full."""
        ...

    def one_at_a_time(self) -> None:
        """From here on ``drained`` waits until nothing is unsent, so that a buffer can be used again."""
        ...

    def listen(self) -> asyncio.Future[Any]:
        """While the answer waits for something: a future that ends when the client leaves, stops sending or sends more.

        Leaving raises ``Departed``.
        """
        ...

    def listened(self) -> None:
        """The wait is over: read no more until the answer is sent."""
        ...

    async def drained(self) -> None:
        """Until the client has taken enough."""
        ...
