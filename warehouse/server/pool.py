"""Threads for what must not run on the event loop, with a bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from warehouse.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")
_Job = tuple["asyncio.Future[Any]", Callable[[], Any]]


class Pool:
    """Up to ``threads`` threads, started when needed; more than ``waiting`` calls in the queue are refused.

    Belongs to one event loop. A call that began is never interrupted: who asked may stop caring, the thread ends it.
    """

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._name = name
        self._threads: list[Thread] = []
        self._most = threads
        self._bound = threads + waiting
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self.load = 0

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call in a thread; refuses with ``Unavailable`` when too many wait already."""
        if self.load >= self._bound:
            raise Unavailable("The index is too busy at the moment. Try again in a few seconds.", retry_after=5)
        return await self.insist(call, *args, **kwargs)

    async def insist(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call in a thread, however many wait: for what continues or ends something begun."""
        self.load += 1
        if len(self._threads) < min(self.load, self._most):
            thread = Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((future, lambda: call(*args, **kwargs)))
        return await future

    def close(self) -> None:
        """Let the threads end after what is queued."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, call = job
            result: Any = None
            error: BaseException | None = None
            try:
                result = call()
            except BaseException as problem:
                error = problem
            try:
                future.get_loop().call_soon_threadsafe(self._settle, future, result, error)
            except RuntimeError:
                return  # The loop was closed while this call ran: nobody waits for any result.
            del job, future, call, result, error

    def _settle(self, future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self.load -= 1
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
