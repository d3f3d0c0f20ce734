"""Several machines, one index: a PostgreSQL of the operating system's, a shared store, and roles in processes apart.

Each machine has a data folder of its own. What they share is the database, the store and the secret.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import psycopg
import pytest

from tests.builders import Dist, wheel
from tests.deployments.deployed import Deployed, deployed
from tests.deployments.postgres_server import Cluster, NotOnThisMachine, cluster
from tests.deployments.stores import Store
from tests.served import Response, eventually, upload_request
from warehouse.infra.db import libpq_url


class Machines(NamedTuple):
    """Two web servers and the worker of one index."""

    first: Deployed
    second: Deployed
    worker: Deployed


@pytest.fixture(scope="module")
def system_postgres() -> Iterator[Cluster]:
    """A PostgreSQL that the operating system brings."""
    try:
        with cluster() as started:
            yield started
    except NotOnThisMachine as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def machines(system_postgres: Cluster, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """All of them running, and users' tokens valid on each."""
    settings = {
        "DATABASE_URL": system_postgres.url,
        "WAREHOUSE_SITE__SECRET": "the same on every machine of one index",
        "WAREHOUSE_WEB__WORKERS": "1",
        **store.environ,
    }
    with ExitStack() as stack:
        started = [
            stack.enter_context(deployed(tmp_path_factory.mktemp(name), role, **settings))
            for name, role in (("first", "web"), ("second", "web"), ("worker", "worker"))
        ]
        machines = Machines(*started)
        machines.first.token()
        machines.second.adopt_tokens(machines.first)
        yield machines


def seen_after(index: Deployed, project: str, files: int) -> float:
    """Seconds until the page holds so many files."""
    started = time.monotonic()
    eventually(lambda: index.get(f"/simple/{project}/").body.count(b"<a ") == files, seconds=5)
    return time.monotonic() - started


def test_the_schema_is_made_by_whoever_comes_first(machines: Machines) -> None:
    assert machines.first.run("migrate", "--check").stdout == "The schema is up to date.\n"
    assert [problem["part"] for problem in machines.second.get("/_ready/").json()] == []


def test_an_upload_through_one_machine_is_seen_through_the_other_within_a_second(machines: Machines) -> None:
    """Also where the page is in the other's cache, and whichever of the two takes the upload."""
    first, second, _ = machines
    assert second.get("/simple/demo/").status == 404
    first.publish(wheel("demo", "1.0"))
    assert seen_after(second, "demo", 1) < 1
    second.publish(wheel("demo", "2.0"))
    assert seen_after(first, "demo", 2) < 1
    assert first.digest_of(first.files("demo")[1]) == second.digest_of(second.files("demo")[1])


def test_a_token_that_is_revoked_on_one_machine_is_worthless_on_all(machines: Machines) -> None:
    first, second, _ = machines
    token = first.token("bob")
    assert uploaded(second, wheel("bobs", "1.0"), token).status == 200
    (listed,) = json.loads(first.run("token", "list", "bob", "--json").stdout)
    first.run("token", "revoke", "bob", listed["id"])
    assert uploaded(second, wheel("bobs", "2.0"), token).status == 403


def uploaded(index: Deployed, dist: Dist, token: str) -> Response:
    body, headers = upload_request(dist, token)
    return index._exchange("POST", "/legacy/", body, headers, None)


def test_jobs_are_done_where_they_are_done(machines: Machines) -> None:
    eventually(lambda: "sweep done" in machines.worker.log.read_text())
    assert "sweep done" not in machines.first.log.read_text() + machines.second.log.read_text()


def test_machines_outlive_a_restart_of_their_database(machines: Machines, system_postgres: Cluster) -> None:
    first, second, worker = machines
    first.publish(wheel("steady", "1.0"))
    assert seen_after(second, "steady", 1) < 5
    system_postgres.restart()
    second.publish(wheel("steady", "2.0"))
    assert first.upload(wheel("steady", "3.0")).status == 200
    assert seen_after(first, "steady", 3) < 5
    assert seen_after(second, "steady", 3) < 5
    with psycopg.connect(libpq_url(system_postgres.url), autocommit=True) as connection:
        totals = "SELECT files FROM project_totals WHERE normalized_name = 'steady'"  # which the worker keeps
        eventually(lambda: connection.execute(totals).fetchone() == (3,), otherwise=worker.log.read_text)
    assert all("ended" not in machine.log.read_text() for machine in machines)


def test_without_the_database_what_is_cached_is_served_and_nothing_is_accepted(
    machines: Machines, system_postgres: Cluster
) -> None:
    first = machines.first
    first.publish(wheel("cached", "1.0"), wheel("uncached", "1.0"))
    page = first.get("/simple/cached/")
    system_postgres.stop()
    try:
        started = time.monotonic()
        refused, ready, health = first.upload(wheel("cached", "2.0")), first.get("/_ready/"), first.get("/_health/")
        cached, uncached, home = first.get("/simple/cached/"), first.get("/simple/uncached/"), first.get("/")
        took = time.monotonic() - started
    finally:
        system_postgres.start()
    assert (cached.status, cached.body) == (200, page.body)
    assert (refused.status, refused.reason) == (503, "The index cannot reach its database. Try again in a moment.")
    assert (uncached.status, home.status, health.status, ready.status) == (503, 503, 503, 503)
    assert {problem["part"] for problem in ready.json()} >= {"database"}
    assert took < 10
    eventually(lambda: first.get("/_ready/").status == 200, seconds=5)
    first.publish(wheel("cached", "2.0"))
    assert seen_after(first, "cached", 2) < 1
