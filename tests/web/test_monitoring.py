"""Health, readiness and numbers."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.web.client import Client, site
from warehouse.infra.db import OVERFLOW, Database
from warehouse.web.monitoring.probes import MOST_WAITING, Probes
from warehouse.work import Tools


@pytest.fixture
def without_database(tools: Tools) -> Tools:
    """Tools whose database is not there."""
    return replace(tools, database=Database("postgresql://nobody@/nothing?host=/nonexistent"))


def test_a_healthy_process_says_ok(web: Client) -> None:
    got = web.get("/_health/")
    assert (got.status, got.text, got.headers["content-type"]) == (200, "OK", "text/plain; charset=UTF-8")
    assert got.headers["cache-control"] == "no-store"


def test_a_process_that_is_ready_lacks_nothing(web: Client) -> None:
    got = web.get("/_ready/")
    assert (got.status, got.json, got.headers["content-type"]) == (200, [], "application/json")


def test_without_its_database_a_process_is_neither_healthy_nor_ready(without_database: Tools) -> None:
    web = site(without_database)
    health, ready = web.get("/_health/"), web.get("/_ready/")
    assert (health.status, health.text) == (503, "The database does not answer.")
    assert ready.status == 503
    assert [problem["part"] for problem in ready.json] == ["database", "schema"]


def test_a_process_all_of_whose_connections_are_in_use_is_not_healthy(tools: Tools, monkeypatch) -> None:
    busy = replace(tools, database=Database(tools.database.url, pool_size=1))
    monkeypatch.setattr(busy.database.engine.pool, "_timeout", 0.01)
    web = site(busy)
    with ExitStack() as in_use:
        for _ in range(1 + OVERFLOW):
            in_use.enter_context(busy.database.engine.connect())
        assert web.get("/_health/").text == "The database does not answer."
    assert web.get("/_health/").text == "OK"
    busy.database.dispose()


def test_a_process_is_not_ready_until_the_schema_is_current(tools: Tools, web: Client) -> None:
    with tools.database.engine.begin() as connection:
        (revision,) = connection.execute(text("DELETE FROM alembic_version RETURNING version_num")).one()
    try:
        assert [problem["part"] for problem in web.get("/_ready/").json] == ["schema"]
        assert web.get("/_health/").status == 200
    finally:
        with tools.database.engine.begin() as connection:
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    assert web.get("/_ready/").json == []


def test_a_check_that_hangs_is_not_waited_for(tools: Tools) -> None:
    probes, end = Probes(tools, time_limit=0.1), threading.Event()
    try:
        started = time.monotonic()
        problems = probes.ask({"slow": lambda: str(end.wait(30)), "quick": lambda: None})
        assert time.monotonic() - started < 5
        assert [(problem.part, problem.why) for problem in problems] == [
            ("slow", "It did not answer within 0.1 seconds.")
        ]
    finally:
        end.set()


def test_hanging_checks_do_not_pile_up(tools: Tools) -> None:
    probes, end = Probes(tools, time_limit=0.01), threading.Event()
    running = threading.active_count()
    try:
        for _ in range(3 * MOST_WAITING):
            assert probes.ask({"slow": lambda: str(end.wait(30))})
        assert threading.active_count() - running <= MOST_WAITING
    finally:
        end.set()
    deadline = time.monotonic() + 5
    while probes.ask({"quick": lambda: None}):
        assert time.monotonic() < deadline, "checks that ended keep others from starting"


def test_a_restarted_database_is_healthy_at_once(tools: Tools, web: Client) -> None:
    assert web.get("/_health/").status == 200
    _end_connections(tools)
    assert web.get("/_health/").status == 200


def test_reading_goes_on_after_connections_were_lost(tools: Tools, web: Client) -> None:
    assert web.get("/").status == 200
    _end_connections(tools)
    assert web.get("/").status == 200


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "127.8.8.8"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer s3cret"}, 200),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "bearer  s3cret "}, 200),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 proxy"}, 403),
        ({"REMOTE_ADDR": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer \xff"}, 403),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Basic s3cret"}, 403),
    ],
)
def test_numbers_are_for_this_machine_and_for_who_has_the_token(
    tools: Tools, environ: dict[str, str], status: int
) -> None:
    got = site(tools, WAREHOUSE_METRICS__TOKEN="s3cret").get("/metrics", **environ)
    assert got.status == status
    assert (b"warehouse_uploads_accepted_total" in got.body) is (status == 200)


def test_without_a_configured_token_no_token_opens_the_numbers(web: Client) -> None:
    for authorization in ("Bearer ", "Bearer None", ""):
        assert web.get("/metrics", HTTP_AUTHORIZATION=authorization).status == 403


def _end_connections(tools: Tools) -> None:
    with tools.database.session() as db:
        db.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
        pid = db.scalar(text("SELECT pg_backend_pid()"))
    other = Database(tools.database.url)
    with other.session() as db:
        db.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.dispose()
