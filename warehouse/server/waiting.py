"""Requests that wait for news: each holds its connection, and neither a thread nor anything of the database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Protocol

from warehouse.errors import Unavailable
from warehouse.server import files
from warehouse.server.files import Prepared
from warehouse.server.later import Bell, Later
from warehouse.server.pool import Pool
from warehouse.server.reply import Ready
from warehouse.server.site import Site
from warehouse.standards.http.message import Answer, Ask
from warehouse.standards.networks import network_of

RETRY_AFTER = 10  # seconds
_TOLD_PER_TURN = 32

Found = Answer | Prepared | Ready | Later | None


class Listener(Protocol):
    """The connection of a request that waits."""

    def listen(self) -> asyncio.Future[Any]:
        """A future that ends when the client leaves (raising ``Departed``), stops sending or sends more."""
        ...

    def listened(self) -> None:
        """The wait is over: read no more until the answer is sent."""
        ...


class Waiting:
    """Everybody who waits on one event loop, ``most`` at a time.

    A ring of the bell is news for all of them, and nearly all want the same page. So they are asked for one after the
    other: the first has the page built in a thread, the others find it in memory, and requests that have nothing to do
    with it are answered in between.
    """

    def __init__(self, site: Site, pages: Pool, *, most: int) -> None:
        self._site = site
        self._pages = pages
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[asyncio.Future[Any], Ask] = {}
        self._bells: list[Bell] = []
        self._rung = False
        self._round: asyncio.Task[None] | None = None
        self._is_over = False

    def __len__(self) -> int:
        return len(self._waiting)

    async def reply(self, wire: Listener, ask: Ask, later: Later) -> Found:
        """The answer when there is one, or at the end of the wait what is answered instead.

        The wait ends early when the client sends something or stops sending, and when the worker stops. Raises
        ``Departed`` when the client has left; refuses with :class:`Unavailable` when too many wait already.
        """
        if self._is_over:
            return await self._ask(later.instead)
        if len(self._waiting) >= self._most:
            sentence = "Too many requests wait for news already. Ask again later, or without waiting."
            raise Unavailable(sentence, code="too_many_wait", retry_after=RETRY_AFTER)
        self._hear(later.bell)
        future = wire.listen()
        timer = self._loop.call_later(later.seconds, _end, future)
        self._waiting[future] = ask
        later.bell.awaited_by += 1
        try:
            # Between the look that found nothing and this one the bell may have rung for nobody.
            found = await self._ask(ask)
            if isinstance(found, Later):
                found = await future
        finally:
            later.bell.awaited_by -= 1
            del self._waiting[future]
            timer.cancel()
            if not future.cancel() and not future.cancelled():
                future.exception()  # seen, or the event loop would complain of it
            wire.listened()
        return found if found is not None else await self._ask(later.instead)

    def end(self) -> None:
        """The worker stops: everybody is answered now."""
        self._is_over = True
        for bell in self._bells:
            bell.ignore(self._ring)
        for future in self._waiting:
            _end(future)

    def _hear(self, bell: Bell) -> None:
        if bell not in self._bells:
            self._bells.append(bell)
            bell.hear(self._ring)

    def _ring(self) -> None:
        """In any thread."""
        if self._waiting:
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._news)

    def _news(self) -> None:
        self._rung = True
        if self._round is None:
            self._round = self._loop.create_task(self._tell())

    async def _tell(self) -> None:
        """Look again for everybody, once more if the bell has rung meanwhile."""
        while self._rung:
            self._rung = False
            for number, (future, ask) in enumerate(list(self._waiting.items()), start=1):
                await self._look_again(future, ask)
                if number % _TOLD_PER_TURN == 0:
                    await asyncio.sleep(0)
        self._round = None

    async def _look_again(self, future: asyncio.Future[Any], ask: Ask) -> None:
        if future.done():
            return
        try:
            found = await self._ask(ask)
        except Exception as problem:
            if not future.done():
                future.set_exception(problem)  # the request's own task answers it
            return
        if isinstance(found, Later):
            return
        if not future.done():
            future.set_result(found)
        elif isinstance(found, Prepared):
            found.close()

    async def _ask(self, ask: Ask) -> Found:
        found = self._site.glance(ask)
        return (
            found
            if found is not None
            else await self._pages.insist(network_of(ask.client), files.prepare, self._site.answer, ask)
        )


def _end(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_result(None)
