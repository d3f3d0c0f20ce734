"""What workers do with jobs: at least once, whatever dies."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.jobs.kinds import dawdle, die, note, stumble, stumble_alone, tick, written
from tests.jobs.pace import QUICK
from warehouse.infra.jobs import JOBS, Job, Runner, Scheduled, enqueue
from warehouse.work import SYSTEM, begin
from warehouse.worker.main import perform, run_worker
from warehouse.worker.schedule import SCHEDULE


def ask(tools, function, **args):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, function, **args)


def jobs(tools):
    """The jobs in the queue beside those of the schedule: what each is called, its state and its attempts."""
    with begin(tools, SYSTEM) as work:
        query = (
            "SELECT task_name, status::text, attempts FROM procrastinate_jobs WHERE queue_name = 'tests' ORDER BY id"
        )
        return [tuple(row) for row in work.db.execute(text(query))]


def eventually(condition, *, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


@contextmanager
def worker(tools):
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(tools, stop), kwargs={"pace": QUICK})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def worker_process(tools):
    command = [sys.executable, "-m", "tests.jobs.worker_process", tools.database.url, str(tools.settings.data)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def hurry(tools):
    """Bring what waits for a later attempt forward."""
    with begin(tools, SYSTEM) as work:
        work.db.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


def test_a_job_is_done_by_the_system_and_leaves_the_queue(tools):
    ask(tools, note, name="one")
    with worker(tools):
        eventually(lambda: written(tools, "one") == ["system"] and not jobs(tools))
        ask(tools, note, name="two")  # and one that comes while the worker waits
        eventually(lambda: written(tools, "two") == ["system"] and not jobs(tools))
    assert tools.metrics.jobs_done.labels("note")._value.get() == 2


def test_a_job_that_fails_changes_nothing_is_tried_again_and_then_given_up(tools, caplog):
    caplog.set_level(logging.INFO)
    ask(tools, stumble, name="stone", password="hunter2")
    with worker(tools):
        eventually(lambda: jobs(tools) == [("stumble", "todo", 1)])
        hurry(tools)
        eventually(lambda: jobs(tools) == [("stumble", "failed", 2)])
    assert written(tools, "stone") == ["tried", "tried"]
    with begin(tools, SYSTEM) as work:
        assert work.db.scalar(text("SELECT count(*) FROM flags")) == 0
    said = [(record.levelname, record.getMessage()) for record in caplog.records if "stumble" in record.getMessage()]
    assert said == [
        ("WARNING", "stumble failed and is tried again in 0:00:10"),
        ("ERROR", "stumble failed for the last time and is given up"),
    ]
    assert tools.metrics.jobs_failed.labels("stumble")._value.get() == 2


def test_no_line_of_the_log_holds_the_arguments_of_a_job(tools, caplog):
    caplog.set_level(logging.DEBUG)
    ask(tools, stumble, name="stone", password="hunter2")
    with begin(tools, SYSTEM) as work:
        work.db.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
                """ VALUES ('tests', 'of another version', '{"password": "hunter2"}')"""
            )
        )
    with worker(tools):
        eventually(lambda: ("stumble", "todo", 1) in jobs(tools) and ("of another version", "failed", 1) in jobs(tools))
    assert "Task was not found" in caplog.text
    assert not [record for record in caplog.records if "hunter2" in str(record.__dict__)]


def test_a_unique_job_that_fails_while_an_equal_one_waits_goes_back_to_the_queue(tools):
    ask(tools, stumble_alone, name="stone")
    with worker(tools):
        eventually(lambda: jobs(tools) == [("stumble_alone", "todo", 1)])
        ask(tools, stumble_alone, name="stone")  # what it is asked for now must not wait for the pause
        eventually(lambda: jobs(tools) == [("stumble_alone", "todo", 1)] * 2)
        hurry(tools)
        eventually(lambda: jobs(tools) == [("stumble_alone", "failed", 2)] * 2)


def test_a_worker_that_is_told_to_stop_finishes_its_jobs_first(tools):
    ask(tools, dawdle, name="slow", seconds=1.0)
    with worker(tools):
        eventually(lambda: written(tools, "slow"))
    assert len(written(tools, "slow")) == 2
    assert jobs(tools) == []


def test_the_job_of_a_worker_that_was_killed_is_done_by_another(tools):
    ask(tools, dawdle, name="killed", seconds=60)
    with worker_process(tools) as process:
        eventually(lambda: written(tools, "killed"))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert jobs(tools) == [("dawdle", "doing", 0)]
    with worker(tools):
        eventually(lambda: not jobs(tools))
    assert written(tools, "killed")[1:] == [f"begun in {os.getpid()}", f"ended in {os.getpid()}"]


def test_sigterm_lets_a_worker_process_finish_and_end_well(tools):
    ask(tools, dawdle, name="asked", seconds=1.5)
    with worker_process(tools) as process:
        eventually(lambda: written(tools, "asked"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert written(tools, "asked") == [f"begun in {process.pid}", f"ended in {process.pid}"]
    assert jobs(tools) == []


def test_a_job_that_kills_its_workers_is_given_up(tools, caplog):
    ask(tools, die, name="poison")
    for _ in range(4):
        with worker_process(tools) as process:
            assert process.wait(30) == 9
    with worker(tools):
        eventually(lambda: jobs(tools) == [("die", "failed", 4)])
    assert written(tools, "poison") == ["died"] * 4
    assert "die took its worker with it too often and is given up" in caplog.text


@contextmanager
def ends_refused(tools):
    """While the block runs, the end of a job's first attempt cannot be written down."""
    with begin(tools, SYSTEM) as work:
        work.db.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$"
            )
        )
        work.db.execute(
            text(
                "CREATE TRIGGER refuse BEFORE DELETE ON procrastinate_jobs"
                " FOR EACH ROW WHEN (old.attempts = 0 AND old.queue_name = 'tests') EXECUTE FUNCTION refuse()"
            )
        )
    try:
        yield
    finally:
        with begin(tools, SYSTEM) as work:
            work.db.execute(text("DROP FUNCTION refuse CASCADE"))


def test_a_job_whose_end_cannot_be_written_down_is_done_again(tools):
    # The worker lives on, so nobody would call the job stalled if it did not go on under another name.
    with ends_refused(tools):
        ask(tools, note, name="ended")
        with worker(tools):
            eventually(lambda: written(tools, "ended") == ["system", "system"] and not jobs(tools))


def test_a_worker_waits_for_a_database_that_is_away(tools):
    def asked():
        try:
            ask(tools, note, name="after")
        except OperationalError:  # the pool finds one after the other of its connections dead
            return False
        return True

    with worker(tools):
        ask(tools, note, name="before")
        eventually(lambda: written(tools, "before"))
        for _ in range(3):
            with begin(tools, SYSTEM) as work:
                work.db.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                        " AND datname = current_database() AND backend_type = 'client backend'"
                    )
                )
            time.sleep(0.3)
        eventually(asked)
        eventually(lambda: written(tools, "after"), seconds=40)


@contextmanager
def clockwork(tools, *schedule):
    """A worker with this schedule and no followers."""
    stop = threading.Event()
    runner = Runner(
        tools.database, lambda job, args: perform(tools, job, args), threads=1, schedule=schedule, pace=QUICK
    )
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def test_what_was_due_while_no_worker_ran_is_done_once_by_any_number_of_workers(tools):
    due = datetime.now(UTC) - timedelta(hours=3)
    daily = Scheduled(f"{due.minute} {due.hour} * * *", tick)
    with clockwork(tools, daily), clockwork(tools, daily):
        eventually(lambda: written(tools, "ticks"))
        time.sleep(0.5)
    with clockwork(tools, daily):
        time.sleep(1.0)
    assert written(tools, "ticks") == ["tick"]


def test_what_is_due_every_second_is_asked_for_by_the_clock(tools):
    with clockwork(tools, Scheduled("* * * * * *", tick)):
        eventually(lambda: len(written(tools, "ticks")) >= 3)


def test_everything_on_the_schedule_can_be_done(tools):
    assert len({one.function for one in SCHEDULE}) == len(SCHEDULE)
    for one in SCHEDULE:
        perform(tools, JOBS[one.function.__name__], {})


@pytest.mark.parametrize("retries", [0, 8, 12])
def test_pauses_grow_up_to_an_hour(retries):
    one = Job("any", lambda work: None, "tests", False, retries)
    pauses = [one.pause_after(attempt) for attempt in range(retries + 1)]
    assert pauses[-1] is None
    assert [pause.total_seconds() for pause in pauses[:-1]] == [
        10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600,
    ][:retries]  # fmt: skip


def test_workers_know_every_job(request):
    sources = (request.config.rootpath / "warehouse").rglob("*.py")
    decorated = re.compile(r"^@job\(.*?\)\ndef (\w+)", re.MULTILINE | re.DOTALL)
    defined = {name for path in sources for name in decorated.findall(path.read_text())}
    known = {name for name, one in JOBS.items() if one.function.__module__.startswith("warehouse.")}
    assert defined == known
    assert "send_mail" in known
