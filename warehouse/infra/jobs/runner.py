"""Running jobs: threads that take them from the queue, tell that they live, and take over from workers that died."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from warehouse.infra.db import Database, libpq_url
from warehouse.infra.jobs.registry import JOBS, Job, Scheduled, job_of

log = logging.getLogger("warehouse.jobs")

DEATHS = 3  # how often a job may take its worker with it, beyond its retries

_FORGET_UNIQUE = "UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s AND queueing_lock IS NOT NULL"
# One statement, so that of two workers which look at the same time only one takes a job over.
_TAKE_OVER = """
    UPDATE procrastinate_jobs AS job
    SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, queueing_lock = NULL
    WHERE status = 'doing'
    AND (worker_id IS NULL OR EXISTS (
        SELECT FROM procrastinate_workers AS worker
        WHERE worker.id = job.worker_id AND last_heartbeat < now() - make_interval(secs => %s)
    ))
    RETURNING id, task_name, attempts
"""
_GIVE_UP = "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s AND status = 'todo'"


@dataclass(frozen=True)
class Pace:
    """How often things happen, in seconds: ``stalled`` is the silence after which a worker counts as dead."""

    poll: float = 5.0
    heartbeat: float = 3.0
    stalled: float = 15.0
    again: float = 2.0  # after the queue could not be reached


USUAL = Pace()


class Runner:
    """Runs jobs until told to stop. ``perform`` is called in one of ``threads`` threads with a job and its arguments.

    Losing the database only interrupts it. Jobs of a worker that died are taken over within ``pace.stalled`` and a
    heartbeat, and those that were due by schedule while no worker ran are made up for if that was within a day.
    """

    def __init__(
        self,
        database: Database,
        perform: Callable[[Job, Mapping[str, Any]], None],
        *,
        threads: int,
        schedule: Sequence[Scheduled] = (),
        pace: Pace = USUAL,
    ) -> None:
        self._database = database
        self._perform = perform
        self._threads = threads
        self._schedule = {job_of(one.function).name: one for one in schedule}
        self._pace = pace

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``, then finish the jobs at hand; whoever cannot wait for those kills the process."""
        _quiet_library()
        while not stop.is_set():
            try:
                asyncio.run(self._work(stop))
            except Exception as error:  # the database is away: wait for it
                log.warning("the job queue cannot be reached: %s", error)
                stop.wait(self._pace.again)

    async def _work(self, stop: threading.Event) -> None:
        """Be one registered worker until ``stop`` or until something goes wrong with the queue."""
        import procrastinate
        import procrastinate.worker

        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._threads + 1, thread_name_prefix="job"))
        connector = procrastinate.PsycopgConnector(
            conninfo=libpq_url(self._database.url),
            kwargs={"application_name": "warehouse jobs", "connect_timeout": 10},
            min_size=1,
            max_size=self._threads + 2,
            timeout=10,
        )
        app = procrastinate.App(connector=connector, periodic_defaults={"max_delay": 86400})
        for job in JOBS.values():
            self._teach(app, job)
        async with app.open_async():
            worker = procrastinate.worker.Worker(
                app,
                name=None,
                concurrency=self._threads,
                fetch_job_polling_interval=self._pace.poll,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=self._pace.heartbeat,
                stalled_worker_timeout=self._pace.stalled,
            )
            # The end of a job could not be written down. Under another worker's name the job counts as stalled.
            loop.set_exception_handler(lambda _, context: _start_anew(worker, context))
            minding = [
                asyncio.create_task(self._stop_with(worker, stop)),
                asyncio.create_task(self._mind(worker)),
            ]
            try:
                await worker.run()
            finally:
                for task in minding:
                    task.cancel()

    def _teach(self, app: Any, job: Job) -> None:
        """Tell the library of a job and when it is due."""

        def run(context: Any, **args: Any) -> None:
            if job.name in self._schedule:
                args.pop("timestamp", None)  # the library's own, in jobs that it put there by the clock
            self._run(job, context.job.id, context.job.attempts, args)

        task = app.task(name=job.name, queue=job.queue, pass_context=True, retry=_pauses(job))(run)
        if job.name in self._schedule:
            app.periodic(cron=self._schedule[job.name].cron, queueing_lock=f"{job.name} {{}}")(task)

    def _run(self, job: Job, id: int, attempts: int, args: Mapping[str, Any]) -> None:
        begun = time.monotonic()
        try:
            # An equal job may be wanted from here on. Were the mark kept, this one could not go back to the queue then.
            with self._database.connection() as connection:
                connection.execute(_FORGET_UNIQUE, (id,))
                connection.commit()
            self._perform(job, args)
        except Exception:
            pause = job.pause_after(attempts)
            details = {"job": job.name, "job_id": id, "attempt": attempts + 1}
            if pause is None:
                log.error("%s failed for the last time and is given up", job.name, extra=details, exc_info=True)
            else:
                log.warning("%s failed and is tried again in %s", job.name, pause, extra=details, exc_info=True)
            raise
        seconds = round(time.monotonic() - begun, 3)
        log.info("%s done", job.name, extra={"job": job.name, "job_id": id, "seconds": seconds})

    async def _stop_with(self, worker: Any, stop: threading.Event) -> None:
        while not stop.is_set():
            await asyncio.sleep(0.1)
        worker.stop()

    async def _mind(self, worker: Any) -> None:
        """Take over from the dead, and stay alive oneself: the library's heart stops while the last jobs finish."""
        while True:
            try:
                await asyncio.to_thread(self._take_over)
                if worker.worker_id is not None:
                    await worker.app.job_manager.update_heartbeat(worker.worker_id)
            except Exception as error:
                log.warning("the job queue cannot be looked after: %s", error)
            await asyncio.sleep(self._pace.heartbeat)

    def _take_over(self) -> None:
        with self._database.connection() as connection:
            for id, name, attempts in connection.execute(_TAKE_OVER, (self._pace.stalled,)).fetchall():
                details = {"job": name, "job_id": id, "attempt": attempts}
                if name in JOBS and attempts > JOBS[name].retries + DEATHS:
                    connection.execute(_GIVE_UP, (id,))
                    log.error("%s took its worker with it too often and is given up", name, extra=details)
                else:
                    log.warning("%s is taken over from a worker that died", name, extra=details)
            connection.commit()


def _pauses(job: Job) -> Any:
    """The job's pauses, as the library asks for them."""
    import procrastinate

    class Pauses(procrastinate.BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: Any) -> procrastinate.RetryDecision | None:
            pause = JOBS[job.task_name].pause_after(job.attempts)
            return None if pause is None else procrastinate.RetryDecision(retry_at=datetime.now(UTC) + pause)

    return Pauses()


def _start_anew(worker: Any, context: Mapping[str, Any]) -> None:
    log.warning("a worker starts anew: %s", context.get("exception") or context.get("message"))
    worker.stop()


def _quiet_library() -> None:
    """Leave to our own lines what jobs do: the library's hold all arguments, one-time links in mails included."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    logger = logging.getLogger("procrastinate.worker")
    if _without_arguments not in logger.filters:
        logger.addFilter(_without_arguments)


def _without_arguments(record: logging.LogRecord) -> bool:
    job = record.__dict__.get("job")
    if isinstance(job, dict):
        record.__dict__["job"] = job.get("task_name")
    return job is None or record.__dict__.get("action") == "task_not_found"
