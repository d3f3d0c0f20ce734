"""Asking for jobs: in the transaction that makes them needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from warehouse.infra.db import libpq_url
from warehouse.infra.jobs import delete_ended_jobs, enqueue, job
from warehouse.work import SYSTEM, Work, begin


@job(queue="tests")
def paint(work: Work, colour: str, coats: int = 1) -> None:
    """Any job."""


@job(queue="tests", unique=True)
def tidy(work: Work, room: str, floor: int = 0) -> None:
    """A job of which one waiting is enough."""


def waiting(tools):
    """What everybody else sees of the queue."""
    with psycopg.connect(libpq_url(tools.database.url)) as connection:
        query = "SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
        return connection.execute(query).fetchall()


def fetch(tools):
    """Take a job as a worker does: its id, or None."""
    with psycopg.connect(libpq_url(tools.database.url)) as connection:
        worker = connection.execute("SELECT procrastinate_register_worker_v1()").fetchone()[0]
        return connection.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", (worker,)).fetchone()[0]


def test_a_job_exists_once_the_work_that_asked_for_it_has_committed(tools):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, paint, colour="red", coats=2)
        assert waiting(tools) == []
    assert waiting(tools) == [("paint", {"colour": "red", "coats": 2})]


def test_a_job_is_gone_with_the_work_that_failed(tools):
    with pytest.raises(RuntimeError), begin(tools, SYSTEM) as work:
        enqueue(work.db, paint, colour="red")
        raise RuntimeError("the work failed after all")
    assert waiting(tools) == []


def test_equal_jobs_wait_beside_each_other_unless_they_are_unique(tools):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, paint, colour="red")
        enqueue(work.db, paint, colour="red")
        enqueue(work.db, tidy, room="attic", floor=3)
        enqueue(work.db, tidy, floor=3, room="attic")
        enqueue(work.db, tidy, room="cellar", floor=-1)
    assert [name for name, _ in waiting(tools)] == ["paint", "paint", "tidy", "tidy"]


def test_a_unique_job_may_wait_while_one_like_it_runs(tools):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic")
    assert fetch(tools)
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic")
    assert waiting(tools) == [("tidy", {"room": "attic"})]


def test_a_unique_job_that_waits_already_does_not_start_before_the_work_that_needs_it_too(tools):
    # Otherwise it could run, not see what this work has done, and nobody would do what this work asks for.
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic")
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic")
        assert fetch(tools) is None
    assert fetch(tools)


def test_two_works_may_hold_the_same_waiting_job(tools):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic")
    with begin(tools, SYSTEM) as one, begin(tools, SYSTEM) as other:
        other.db.execute(text("SET LOCAL lock_timeout = '1s'"))
        enqueue(one.db, tidy, room="attic")
        enqueue(other.db, tidy, room="attic")
    assert len(waiting(tools)) == 1


def test_a_job_may_wait_for_its_time(tools):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, paint, colour="red", run_at=datetime.now(UTC) + timedelta(hours=1))
    assert fetch(tools) is None
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, paint, colour="blue", run_at=datetime.now(UTC) - timedelta(seconds=1))
    assert fetch(tools)


def test_a_unique_job_that_would_start_later_is_brought_forward(tools):
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic", run_at=datetime.now(UTC) + timedelta(hours=1))
        enqueue(work.db, tidy, room="attic", run_at=datetime.now(UTC) + timedelta(hours=2))
    assert fetch(tools) is None
    with begin(tools, SYSTEM) as work:
        enqueue(work.db, tidy, room="attic")
    assert fetch(tools)
    assert waiting(tools) == []


def test_what_could_not_be_called_is_refused_when_it_is_asked_for(tools):
    with begin(tools, SYSTEM) as work:
        with pytest.raises(TypeError, match="missing a required argument"):
            enqueue(work.db, paint)
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            enqueue(work.db, paint, colour="red", brush="wide")
        with pytest.raises(TypeError, match="not JSON serializable"):
            enqueue(work.db, paint, colour=object())
        with pytest.raises(LookupError, match="fetch is not a job"):
            enqueue(work.db, fetch)
    assert waiting(tools) == []


def test_two_jobs_cannot_share_a_name():
    def paint(work: Work) -> None:
        """Another one."""

    with pytest.raises(ValueError, match="two jobs called paint"):
        job(queue="tests")(paint)


def test_jobs_that_were_given_up_are_deleted_when_they_are_old(tools):
    with begin(tools, SYSTEM) as work:
        for colour in ("red", "blue", "green"):
            enqueue(work.db, paint, colour=colour)
        work.db.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing' WHERE args->>'colour' <> 'green'"),
        )
        work.db.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'doing'"))
        work.db.execute(
            text(
                "UPDATE procrastinate_events SET at = now() - interval '31 days' FROM procrastinate_jobs AS job"
                " WHERE job.id = job_id AND args->>'colour' <> 'blue'"
            )
        )
    with begin(tools, SYSTEM) as work:
        assert delete_ended_jobs(work.db, older_than=timedelta(days=30)) == 1
        left = work.db.scalars(text("SELECT args->>'colour' FROM procrastinate_jobs ORDER BY id")).all()
    assert left == ["blue", "green"]  # one failed a moment ago, one still waits
