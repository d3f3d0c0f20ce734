"""Runs one worker: an event loop on a listening socket, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Event, Thread

import uvloop

from warehouse.server.connection import Connection
from warehouse.server.limits import Limits, Stats
from warehouse.server.shared import OnDone, Shared
from warehouse.server.site import Site

BACKLOG = 4096
_OTHER_FILES = 256


def listen(host: str, port: int, *, backlog: int = BACKLOG, apart: bool = False) -> socket.socket:
    """A listening socket for workers to inherit; ``::`` listens on IPv4 as well.

    ``apart``: the socket shares its port with others (SO_REUSEPORT), so that every worker has one of its own and the
    kernel spreads the connections evenly. Whoever starts the workers keeps all of them open.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=family, backlog=backlog, reuse_port=apart, dualstack_ipv6=both)


def raise_file_limit(limits: Limits) -> Limits:
    """Allow as many descriptors as the system lets us; connections are limited to what that carries."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return limits
    return replace(limits, connections=max(1, min(limits.connections, soft - _OTHER_FILES)))


async def serve(
    sock: socket.socket,
    site: Site,
    limits: Limits,
    stop: asyncio.Event,
    *,
    stats: Stats | None = None,
    on_done: OnDone | None = None,
    tell_hits: bool = False,
) -> None:
    """Serve until ``stop`` is set, then finish what is in work within the grace period."""
    shared = Shared(site, raise_file_limit(limits), stats=stats, on_done=on_done, tell_hits=tell_hits)
    server = await shared.loop.create_server(lambda: Connection(shared), sock=sock.dup(), backlog=BACKLOG)
    await stop.wait()
    server.close()
    await shared.stop()


def run_worker(
    sock: socket.socket,
    site_factory: Callable[[], Site],
    limits: Limits,
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT),
    *,
    stats: Stats | None = None,
    on_done: OnDone | None = None,
    tell_hits: bool = False,
) -> int:
    """Be a worker process on an inherited socket; returns the exit status when a stop signal was obeyed."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in stop_signals:
            loop.add_signal_handler(number, stop.set)
        site = site_factory()
        gc.freeze()  # What exists now stays: looking through it again and again would hold up the event loop.
        await serve(sock, site, limits, stop, stats=stats, on_done=on_done, tell_hits=tell_hits)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
    return 0


@dataclass
class Running:
    """A server in a thread of this process."""

    host: str
    port: int
    stats: Stats = field(default_factory=Stats)

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect."""
        return self.host, self.port


@contextlib.contextmanager
def serving(
    site: Site,
    limits: Limits | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    on_done: OnDone | None = None,
    tell_hits: bool = False,
) -> Iterator[Running]:
    """Serve in a thread while the block runs; leaving it stops the server as SIGTERM would."""
    chosen = limits or Limits()
    with listen(host, port) as sock:
        running = Running(host, sock.getsockname()[1])
        started = Event()
        handles: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

        async def main() -> None:
            stop = asyncio.Event()
            handles.append((asyncio.get_running_loop(), stop))
            started.set()
            await serve(sock, site, chosen, stop, stats=running.stats, on_done=on_done, tell_hits=tell_hits)

        def run() -> None:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main())

        thread = Thread(target=run, name="server", daemon=True)
        thread.start()
        started.wait()
        loop, stop = handles[0]
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(chosen.grace + 10)
