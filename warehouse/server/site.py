"""What the server asks of the site behind it; it knows nothing of projects or databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.standards.http.message import Answer, Ask

Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Receiver(Protocol):
    """Takes one upload. Its methods run in a thread, never two at a time.

    ``begin`` comes first, then any number of ``feed``; exactly one of ``finish`` and ``abort`` comes last.
    ``abort`` follows whenever ``finish`` will not be called: the client left, a deadline passed, the body was
    longer than ``limit``, or ``begin`` or ``feed`` raised. It may come without a ``begin``.
    """

    @property
    def limit(self) -> int:
        """Bytes accepted at most; a longer body is refused with 413."""
        ...

    def begin(self) -> None: ...

    def feed(self, block: bytes) -> None: ...

    def finish(self) -> Answer: ...

    def abort(self) -> None: ...


class Site(Protocol):
    """Everything that can be asked; any method may raise a ``Refusal``."""

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        """On the event loop: memory only, microseconds. ``None``: not known here, ask ``answer``."""
        ...

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """In a thread: may query. ``None``: give it to ``wsgi``."""
        ...

    def receive(self, ask: Ask) -> Receiver | None:
        """On the event loop: is this an upload? Decides by method and path only."""
        ...

    def wsgi(self, environ: Environ, start_response: Callable[..., Any], /) -> Iterable[bytes]:
        """In a thread: everything else, by PEP 3333."""
        ...
