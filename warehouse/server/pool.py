"""Threads for what must not run on the event loop, with a bounded queue in which everybody gets a turn."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

from warehouse.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")
_Job = tuple["asyncio.Future[Any]", Callable[[], Any]]


class _Line:
    """What one client waits for: what continues or ends something begun comes first."""

    __slots__ = ("asked", "begun")

    def __init__(self) -> None:
        self.asked: deque[_Job] = deque()
        self.begun: deque[_Job] = deque()

    def __len__(self) -> int:
        return len(self.asked) + len(self.begun)


class _Lines:
    """Everybody who waits: a line for each client, and the lines take turns. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: OrderedDict[str, _Line] = OrderedDict()

    def add(self, whose: str, job: _Job, *, is_begun: bool) -> None:
        with self._lock:
            line = self._lines.get(whose)
            if line is None:
                line = self._lines[whose] = _Line()
            (line.begun if is_begun else line.asked).append(job)

    def take(self) -> _Job | None:
        """The next; None when somebody who waited was sent away."""
        with self._lock:
            if not self._lines:
                return None
            whose, line = self._lines.popitem(last=False)
            job = (line.begun or line.asked).popleft()
            if line:
                self._lines[whose] = line
            return job

    def last_of_longer(self, whose: str) -> tuple[bool, _Job | None]:
        """Whether another line is longer than this one with one more, and the last of the longest, taken out.

        There is none to take where all of the longest line was begun.
        """
        with self._lock:
            mine = len(self._lines.get(whose, ()))
            longest, line = max(self._lines.items(), key=lambda named: len(named[1]), default=("", _Line()))
            if len(line) <= mine + 1:
                return False, None
            job = line.asked.pop() if line.asked else None
            if not line:
                del self._lines[longest]
            return True, job


class Pool:
    """Up to ``threads`` threads, started when needed; more than ``waiting`` calls in the queue are refused.

    ``whose`` is the client that a call is made for. However much one of them wants, the others wait for a single call
    of it at a time; and when the queue is full, who has most in it has to give way. Otherwise a stranger with a few
    hundred connections would have everybody else refused.

    Belongs to one event loop. A call that began is never interrupted: who asked may stop caring, the thread ends it.
    """

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._name = name
        self._threads: list[Thread] = []
        self._most = threads
        self._bound = threads + waiting
        self._lines = _Lines()
        self._turns: SimpleQueue[bool] = SimpleQueue()  # True for each call that was added; False ends a thread
        self.load = 0

    async def run(self, whose: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call in a thread; refuses with ``Unavailable`` when too many wait already."""
        if self.load >= self._bound and not self._make_room(whose):
            raise _busy()
        return await self._added(whose, lambda: call(*args, **kwargs), is_begun=False)

    async def insist(self, whose: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call in a thread, however many wait: for what continues or ends something begun."""
        return await self._added(whose, lambda: call(*args, **kwargs), is_begun=True)

    def close(self) -> None:
        """Let the threads end after what is queued."""
        for _ in self._threads:
            self._turns.put(False)

    def _added(self, whose: str, call: Callable[[], T], *, is_begun: bool) -> asyncio.Future[T]:
        self.load += 1
        if len(self._threads) < min(self.load, self._most):
            thread = Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._lines.add(whose, (future, call), is_begun=is_begun)
        self._turns.put(True)
        return future

    def _make_room(self, whose: str) -> bool:
        """Whether one more of this client may come though the queue is full, in the place of another's last."""
        may_come, last = self._lines.last_of_longer(whose)
        if last is not None:
            self._settle(last[0], None, _busy())
        return may_come

    def _work(self) -> None:
        while self._turns.get():
            job = self._lines.take()
            if job is None:
                continue
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


def _busy() -> Unavailable:
    return Unavailable("The index is too busy at the moment. Try again in a few seconds.", retry_after=5)
