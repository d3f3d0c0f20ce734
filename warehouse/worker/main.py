"""The worker process: runs jobs, adds those that the schedule asks for, and keeps the durable followers true."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from typing import Any

import warehouse.events.mail  # its jobs, as below; the schedule imports the rest
import warehouse.operations.advisories
import warehouse.operations.contents.comparing
import warehouse.operations.contents.unpacking
import warehouse.operations.deletion
import warehouse.operations.descriptions
import warehouse.operations.leaks
import warehouse.operations.passwords  # noqa: F401
from warehouse.follow import FOLLOWERS, keep_up
from warehouse.follow.cdn import Purging
from warehouse.infra.cdn import open_purgers
from warehouse.infra.jobs import USUAL, Job, Pace, Runner
from warehouse.work import SYSTEM, Tools, begin
from warehouse.worker.schedule import schedule


def run(tools: Tools, stop: threading.Event | None = None, *, pace: Pace = USUAL) -> None:
    """Be a worker process until ``stop``, or without one until SIGTERM or SIGINT."""
    if stop is None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            # In a thread: the handler may interrupt this one while it holds the event's own lock.
            signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
    run_worker(tools, stop, pace=pace)


def run_worker(tools: Tools, stop: threading.Event, *, pace: Pace = USUAL) -> None:
    """Run jobs and followers until ``stop``, then finish what is at hand.

    It does not give up on a job that takes long; whoever is out of patience kills the process, and another worker
    takes the job over.
    """
    following = _following(tools, stop)
    runner = Runner(
        tools.database,
        lambda job, args: perform(tools, job, args),
        threads=tools.settings.jobs.threads,
        schedule=schedule(tools.settings),
        pace=pace,
    )
    runner.run(stop)
    for thread in following:
        thread.join()


def _following(tools: Tools, stop: threading.Event) -> list[threading.Thread]:
    """A thread for the followers, and one for each cache that is told of changes: it may be slow, or away."""
    threads = [threading.Thread(target=keep_up, args=(tools, FOLLOWERS, stop), name="followers", daemon=True)]
    for purger in open_purgers(tools.settings):
        purging = Purging(tools, purger)
        threads.append(threading.Thread(target=purging.run, args=(stop,), name=purger.name, daemon=True))
    for thread in threads:
        thread.start()
    return threads


def perform(tools: Tools, job: Job, args: Mapping[str, Any]) -> None:
    """Do one job as a piece of work of its own, and count it."""
    try:
        with begin(tools, SYSTEM) as work:
            job.function(work, **args)
    except Exception:
        tools.metrics.jobs_failed.labels(job.name).inc()
        raise
    tools.metrics.jobs_done.labels(job.name).inc()
