"""Which functions are jobs, and when some of them are due by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Concatenate, ParamSpec

from warehouse.work import Work

P = ParamSpec("P")

RETRIES = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """A function that workers call. ``name`` is what the queue keeps, so renaming the function orphans waiting jobs."""

    name: str
    function: Callable[..., None]
    queue: str
    unique: bool
    retries: int

    def pause_after(self, attempts: int) -> timedelta | None:
        """How long to wait after the attempt with this number, counted from 0; None when it was the last."""
        if attempts >= self.retries:
            return None
        return min(FIRST_PAUSE * 2 ** min(attempts, 20), LONGEST_PAUSE)


@dataclass(frozen=True)
class Scheduled:
    """A job without arguments and the times at which it is due, as five cron fields in UTC."""

    cron: str
    function: Callable[[Work], None]


JOBS: dict[str, Job] = {}


def job(
    *, queue: str, unique: bool = False, retries: int = RETRIES
) -> Callable[[Callable[Concatenate[Work, P], None]], Callable[Concatenate[Work, P], None]]:
    """Make ``def f(work, **json_arguments)`` a job; it can still be called as the function it is.

    It runs at least once, so twice must do no harm; it is given ids and reads the present. Of a ``unique`` job with the
    same arguments at most one waits. After a failure it is tried ``retries`` times more, with growing pauses.
    """

    def register(function: Callable[Concatenate[Work, P], None]) -> Callable[Concatenate[Work, P], None]:
        name = function.__name__
        if name in JOBS:
            raise ValueError(f"There are two jobs called {name}; the queue could not tell them apart.")
        JOBS[name] = Job(name, function, queue, unique, retries)
        return function

    return register


def job_of(function: Callable[..., None]) -> Job:
    """The job that this function is; LookupError when it is none."""
    found = JOBS.get(function.__name__)
    if found is None or found.function is not function:
        raise LookupError(f"{function.__name__} is not a job: put @job(queue=...) before it.")
    return found
