"""Passwords: argon2id hashes, a few at a time and behind everything else that the machine does."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from warehouse.errors import Unavailable

T = TypeVar("T")

# A tenth of the processor when everybody wants all of it. Less would make signing in wait longer, and the pages gain
# nothing: a thread that waits for the processor may hold what all threads of the process share.
NICENESS = 10


class Passwords:
    """Hashes and verifies. ``memory`` is KiB per hash; at most ``at_once`` run at the same time.

    The bound matters: each hash takes its memory and a core for a tenth of a second, and strangers ask for them. So at
    most ``waiting`` callers wait for their turn, ``patience`` seconds long: everybody else is refused with
    :class:`Unavailable` at once, and the threads that answer requests are left for others.
    """

    def __init__(
        self, *, memory: int, time: int, parallelism: int, at_once: int, waiting: int = 3, patience: float = 5.0
    ) -> None:
        self._hasher = PasswordHasher(time_cost=time, memory_cost=memory, parallelism=parallelism, type=Type.ID)
        self._callers = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)
        self._patience = patience

    def hash(self, password: str) -> str:
        """The argon2id hash of ``password`` with a fresh salt; refuses with :class:`Unavailable` in a rush."""
        with self._turn():
            return _politely(lambda: self._hasher.hash(password))

    def matches(self, password: str, hashed: str) -> bool:
        """Whether ``password`` is the one that was hashed; refuses with :class:`Unavailable` in a rush."""
        with self._turn():
            try:
                return _politely(lambda: self._hasher.verify(hashed, password))
            except (VerificationError, InvalidHashError):
                return False

    def refuse_a_crowd(self) -> None:
        """Refuse with :class:`Unavailable` when as many wait as may: before anything else is done for one more."""
        if not self._callers.acquire(blocking=False):
            raise _busy()
        self._callers.release()

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._callers.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turns.acquire(timeout=self._patience):
                raise _busy()
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._callers.release()


def _politely(compute: Callable[[], T]) -> T:
    """What ``compute`` returns or raises, in a thread that leaves the processor to others.

    A thread of its own for each time, because nobody may take such a promise back: Linux lets a thread give way, and
    not return. The threads that argon2 starts for its lanes inherit it.
    """
    answer: Future[T] = Future()
    thread = threading.Thread(target=_compute, args=(compute, answer), name="password")
    thread.start()
    thread.join()
    return answer.result()


def _compute(compute: Callable[[], T], answer: Future[T]) -> None:
    if sys.platform == "linux":  # elsewhere it would be the whole process that gives way
        with suppress(OSError):  # a sandbox may forbid it; then a hash is worth as much as a page
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), max(NICENESS, os.nice(0)))
    try:
        answer.set_result(compute())
    except BaseException as problem:
        answer.set_exception(problem)


def _busy() -> Unavailable:
    return Unavailable(
        "Too many people are signing in at this moment. Try again in a few seconds.", retry_after=5, code="busy"
    )
