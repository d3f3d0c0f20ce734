"""What the connections of one worker share: the site, the limits, the threads, a coarse clock and the counters."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from warehouse.server.head import Heads
from warehouse.server.limits import Limits, Stats
from warehouse.server.pool import Pool
from warehouse.server.reply import Stamp
from warehouse.server.site import Site
from warehouse.server.waiting import Waiting
from warehouse.standards.http.message import Ask

log = logging.getLogger("warehouse.server")

_CLEANING_UP = 2.0

OnDone = Callable[[Ask, int, int, float], None]
"""Told of every answer: the request, the status, bytes of the body, seconds."""


class Guest(Protocol):
    """A connection as the sweep sees it."""

    deadline: float

    @property
    def may_go(self) -> bool: ...

    @property
    def whose(self) -> str: ...

    @property
    def unsent(self) -> tuple[int, int]: ...

    def overdue(self) -> None: ...

    def leave(self) -> None: ...

    def abort(self) -> None: ...


class Shared:
    """The state of one worker; belongs to its event loop."""

    def __init__(
        self,
        site: Site,
        limits: Limits,
        *,
        stats: Stats | None = None,
        on_done: OnDone | None = None,
        tell_hits: bool = False,
    ) -> None:
        self.site = site
        self.limits = limits
        self.stats = stats or Stats()
        self.on_done = on_done
        self.tell_hits = tell_hits and on_done is not None
        self.heads = Heads(limits)
        self.stamp = Stamp()
        self.pages = Pool("pages", threads=limits.page_threads, waiting=limits.page_queue)
        self.uploads = Pool("uploads", threads=limits.upload_threads, waiting=limits.upload_queue)
        self.bridge = Pool("bridge", threads=limits.bridge_threads, waiting=limits.bridge_queue)
        self.files = Pool("files", threads=limits.file_threads, waiting=limits.connections)
        self.waiting = Waiting(site, self.pages, most=limits.waiting)
        self.guests: set[Guest] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.stopping = False
        self.loop = asyncio.get_running_loop()
        self.now = self.loop.time()
        self._timer = self.loop.call_later(limits.tick, self._sweep)

    def _sweep(self) -> None:
        """Look at every deadline: one timer for all is cheaper than one per request."""
        self._timer = self.loop.call_later(self.limits.tick, self._sweep)
        self.now = now = self.loop.time()
        self.stamp.renew()
        self.stats.open = len(self.guests)
        for guest in [guest for guest in self.guests if guest.deadline <= now]:
            try:
                guest.overdue()
            except Exception:
                log.exception("a connection could not be ended")
                guest.abort()
        self._hold_less()

    def _hold_less(self) -> None:
        """When readers have more to take than there may be, give up those of the client that has most.

        Otherwise a stranger who asks for one big page after the other, and reads next to nothing, fills the memory.
        """
        found = [(guest, *guest.unsent) for guest in self.guests]
        held = {key: size for _, key, size in found}
        if sum(held.values()) <= self.limits.unsent:
            return
        by_client: dict[str, list[tuple[Guest, int, int]]] = {}
        for each in found:
            if each[2]:
                by_client.setdefault(each[0].whose, []).append(each)
        greediest = max(by_client.values(), key=lambda mine: sum({key: size for _, key, size in mine}.values()))
        for guest, key, _ in sorted(greediest, key=lambda each: each[2], reverse=True):
            if sum(held.values()) <= self.limits.unsent // 2:
                break
            held.pop(key, None)
            self.stats.timeouts += 1
            guest.abort()

    def has_room(self) -> bool:
        """Whether one more connection may come; when all places are taken, those waited in for longest are given up.

        Without that, as many idle connections as there are places would keep everybody else out. Several go at once,
        so that a crowd does not have us look through everybody for each newcomer.
        """
        most = self.limits.connections
        if len(self.guests) < most:
            return True
        waiting = sorted((guest for guest in self.guests if guest.may_go), key=lambda guest: guest.deadline)
        for guest in waiting[: 1 + most // 16]:
            self.stats.timeouts += 1
            self.guests.discard(guest)
            guest.abort()
        return len(self.guests) < most

    async def stop(self) -> None:
        """Let requests in work finish within the grace period, then end what is left."""
        self.stopping = True
        for guest in list(self.guests):
            guest.leave()
        self.waiting.end()
        end = self.loop.time() + self.limits.grace
        while self.guests and self.loop.time() < end:
            await asyncio.sleep(0.02)
        for guest in list(self.guests):
            guest.abort()
        pools = (self.pages, self.uploads, self.bridge, self.files)
        if self.tasks:  # They learn that their clients are gone, and abort what they had begun.
            await asyncio.wait(self.tasks, timeout=_CLEANING_UP)
        self._timer.cancel()
        for pool in pools:
            pool.close()
