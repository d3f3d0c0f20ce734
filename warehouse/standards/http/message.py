"""What a client asks and what the index answers, whichever server and framework carry them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Headers(Protocol):
    """Header fields of a request; names are lower-case. A plain ``dict`` will do."""

    def get(self, name: str, /) -> str | None: ...


@dataclass(slots=True)
class Ask:
    """A request without its body. Nobody changes one; it is not frozen because that triples the price of making it.

    ``path`` is percent-decoded and starts with ``/``; ``query`` is the raw query string without ``?``;
    ``client`` is the address of the peer, as text; ``request_id`` names the request in logs.
    """

    method: str
    path: str
    query: str
    headers: Headers
    client: str = ""
    scheme: str = "http"
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Bytes ``start`` (inclusive) to ``end`` (exclusive) of a local file."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: the body is bytes, a slice of a file, or several of both in order.

    ``headers`` never hold ``content-length``: whoever sends the answer knows it. ``reason`` replaces the
    status line's standard phrase where the protocol has one (the legacy upload API puts its sentence there).
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | FileSlice | tuple[bytes | FileSlice, ...] = b""
    reason: str | None = None
