"""Requests at a steady rate, whether or not the answers keep up: what users do, and closed loops do not.

A client that waits for an answer before it asks again is slowed by a slow server, and never measures the requests that
it would have sent meanwhile. Here each request has its moment, given in advance, and its time is counted from that.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import uvloop

TICK = 0.001  # seconds between looks at the clock: what a measured time may be too long by


class Wanted(NamedTuple):
    """A request to come: what it is counted as, its wire bytes, and the statuses that are right."""

    kind: str
    wire: bytes
    right: frozenset[int]


@dataclass
class Counted:
    """What became of the requests of one kind; ``times`` are milliseconds from the moment each was meant for."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    wrong: int = 0

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the requests was answered."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


class _Client(asyncio.Protocol):
    """One connection with at most one request on its way."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._missing = -1
        self._head = b""
        self._due = 0.0
        self._wanted: Wanted | None = None
        self._status = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, wanted: Wanted, due: float) -> None:
        self._wanted, self._due, self._missing, self._head = wanted, due, -1, b""
        self._transport.write(wanted.wire)

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._status = int(self._head[9:12])
            at = self._head.lower().find(b"content-length: ", 0, end)
            length = int(self._head[at + 16 : self._head.index(b"\r\n", at)]) if at >= 0 else 0
            self._missing = (0 if self._status == 304 else length) - (len(self._head) - end - 4)
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            assert self._wanted is not None
            wanted, self._wanted = self._wanted, None
            self._run.answered(self, wanted, self._due, self._status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost(self, self._wanted)


class _Run:
    def __init__(self, seconds: float, rate: float, wanted: Iterator[Wanted]) -> None:
        self._seconds = seconds
        self._rate = rate
        self._wanted = wanted
        self._idle: deque[_Client] = deque()  # by turns, so that none is idle for so long that it is closed
        self._waiting: deque[tuple[Wanted, float]] = deque()
        self._open = 0
        self.counted: dict[str, Counted] = {}

    async def go(self, url: str, connections: int) -> None:
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, client = await loop.create_connection(lambda: _Client(self), parts.hostname or "", parts.port or 80)
            self._idle.append(client)
        moments = random.Random(1)
        began = due = time.perf_counter()
        while due - began < self._seconds:
            now = time.perf_counter()
            while due <= now:
                self._open += 1
                self._waiting.append((next(self._wanted), due))
                due += moments.expovariate(self._rate)
            self._send()
            await asyncio.sleep(TICK)
        patience = time.perf_counter() + 10
        while self._open and time.perf_counter() < patience:
            await asyncio.sleep(0.01)
        for _ in range(self._open):
            self._of("never answered").wrong += 1

    def _send(self) -> None:
        while self._waiting and self._idle:
            self._idle.popleft().send(*self._waiting.popleft())

    def answered(self, client: _Client, wanted: Wanted, due: float, status: int) -> None:
        counted = self._of(wanted.kind)
        counted.times.append((time.perf_counter() - due) * 1e3)
        counted.statuses[status] = counted.statuses.get(status, 0) + 1
        counted.wrong += status not in wanted.right
        self._open -= 1
        self._idle.append(client)
        self._send()

    def lost(self, client: _Client, wanted: Wanted | None) -> None:
        if wanted is None:
            self._idle.remove(client)
        else:
            self._open -= 1
            self._of(wanted.kind).wrong += 1

    def _of(self, kind: str) -> Counted:
        return self.counted.setdefault(kind, Counted())


def paced(
    url: str, wanted: Iterator[Wanted], *, rate: float, seconds: float, connections: int = 64
) -> dict[str, Counted]:
    """Send ``rate`` requests a second for ``seconds``, at random moments; what became of them, by kind."""
    run = _Run(seconds, rate, wanted)
    gc.collect()
    gc.disable()  # a pause of ours would count as the server's
    try:
        uvloop.run(run.go(url, connections))
    finally:
        gc.enable()
    return run.counted
