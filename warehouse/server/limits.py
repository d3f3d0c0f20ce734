"""How long the server waits, how much it takes, and what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

KiB = 1024
MiB = 1024 * KiB


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds, sizes in bytes."""

    idle: float = 75.0
    """A connection without a request: new, or between two."""
    head: float = 10.0
    """From the first byte of a request's head to its last."""
    body_silence: float = 20.0
    """Between two bytes of a body."""
    body_time: float = 60.0
    """A whole body may take this long ..."""
    body_rate: int = 16 * KiB
    """... and a second more for every so many bytes that have arrived."""
    reader_silence: float = 30.0
    """A reader that takes nothing of its answer for so long is gone."""
    linger: float = 5.0
    """After an early answer: silence that ends the wait for the client to stop sending."""
    grace: float = 30.0
    """Requests in work when the worker is told to stop."""
    tick: float = 1.0
    """Deadlines are looked at this often, so they are this exact."""

    head_size: int = 64 * KiB
    head_fields: int = 100
    target_size: int = 8 * KiB
    body_size: int = 1 * MiB
    """An ordinary body, kept in memory; uploads have the receiver's own limit."""
    drain_size: int = 256 * MiB
    """What is read and thrown away so that a client which is still sending can read its answer."""
    write_buffer: int = 256 * KiB
    """Unsent bytes above which a connection is asked for no more."""
    unsent: int = 512 * MiB
    """Bytes of answers that readers have yet to take, all together; those of one page count once."""

    connections: int = 10_000
    waiting: int = 4_000
    """Requests that wait for news; each holds a connection."""
    page_threads: int = 4
    page_queue: int = 256
    upload_threads: int = 4
    upload_queue: int = 64
    bridge_threads: int = 8
    bridge_queue: int = 64
    file_threads: int = 4

    trusted: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies whose X-Forwarded-For, -Proto and -Host are believed."""
    scheme: str = "http"
    """What clients use to reach us when no trusted proxy says otherwise."""


@dataclass(slots=True, eq=False)
class Stats:
    """Plain counters since the worker began; the event loop alone writes them."""

    connections: int = 0
    open: int = 0
    """Connections now, as of the last tick; everything else only grows."""
    turned_away: int = 0
    requests: int = 0
    hits: int = 0
    refused: int = 0
    broken: int = 0
    timeouts: int = 0
    uploads: int = 0
    bytes: int = 0
