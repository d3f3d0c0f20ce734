"""What was committed survives the death of the server, and a restart finds its way past what is left lying about."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import psycopg
import pytest

from warehouse.infra.postgres import EmbeddedPostgres, NoDatabase


def test_a_killed_server_is_started_again_with_every_committed_row(data, ask):
    with EmbeddedPostgres(data) as server:
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        first, address = server.pid, server.url
        assert first
        with psycopg.connect(server.url) as busy:  # a backend that notices late
            os.kill(first, signal.SIGKILL)
            began = time.monotonic()
            while server.is_running() and time.monotonic() - began < 5:
                time.sleep(0.01)
            server.ensure_running()
            assert time.monotonic() - began < 5
            assert busy.closed == 0  # it has not asked yet
        assert server.pid not in (None, first)
        assert server.url == address
        assert server.is_ours
        assert ask(server, "SELECT answer FROM kept") == 42


def test_a_busy_session_that_outlives_its_killed_server_does_not_delay_the_next(postgres, ask, another, data):
    postgres.start()
    busy = another(data)
    busy.does("start")
    busy.asked("ask SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b")
    looking = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1000000) b' AND pid <> pg_backend_pid()"
    while not ask(postgres, looking):
        time.sleep(0.01)
    first = postgres.pid
    assert first
    os.kill(first, signal.SIGKILL)
    began = time.monotonic()
    while postgres.pid == first:
        time.sleep(0.01)
    postgres.ensure_running()
    assert time.monotonic() - began < 5
    assert ask(postgres, "SELECT 1") == 1


def test_making_sure_of_a_running_server_costs_next_to_nothing(postgres):
    postgres.start()
    first = postgres.pid
    began = time.monotonic()
    for _ in range(1000):
        postgres.ensure_running()
    assert time.monotonic() - began < 10  # 10 ms each; starting a server takes a hundred times that
    assert postgres.pid == first


@pytest.fixture
def bystander(data):
    """A process of the server's user, which PostgreSQL cannot tell from another server by its number."""
    who = os.geteuid() if os.geteuid() != 0 else (data / "postgres" / "18").stat().st_uid
    process = subprocess.Popen(["sleep", "60"], user=who)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("left", ["the bystander", "nobody", "nonsense"])
def test_a_power_cut_leaves_a_pid_file_whose_number_belongs_to_somebody_else(postgres, data, left, ask, bystander):
    number = {"the bystander": bystander.pid, "nobody": 4194000, "nonsense": ""}[left]
    cluster = data / "postgres" / "18"
    stale = cluster / "postmaster.pid"
    stale.write_text(f"{number}\n{cluster}\n1700000000\n5432\n/tmp\n\n  1 1\nready   \n")
    owner = cluster.stat()
    os.chown(stale, owner.st_uid, owner.st_gid)
    postgres.start()
    assert postgres.is_ours
    assert ask(postgres, "SELECT 1") == 1
    assert bystander.poll() is None


def test_a_socket_left_behind_is_no_obstacle(postgres, data, another, bystander):
    starter = another(data)
    pid = int(starter.does("start").split()[0])
    os.kill(pid, signal.SIGKILL)
    starter.kill()
    left = data / "postgres" / "run" / ".s.PGSQL.5432.lock"
    assert left.exists()
    left.write_text(f"{bystander.pid}\n{data}\n1\n5432\n{left.parent}\n")
    postgres.start()
    assert postgres.is_ours


def test_a_server_started_by_hand_is_left_alone(postgres, data, workers):
    cluster = data / "postgres" / "18"
    owner = cluster.stat()
    program = postgres_program(data)
    by_hand = subprocess.Popen(
        [program, "-D", cluster, "-c", "listen_addresses="], user=owner.st_uid, group=owner.st_gid
    )
    try:
        while not (cluster / "postmaster.pid").exists():
            time.sleep(0.01)
        with pytest.raises(NoDatabase, match=f"process {by_hand.pid}.*stop it first"):
            postgres.start()
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait()


def postgres_program(data):
    return next((data / "postgres").glob("runtime-*/*/pginstall/bin/postgres"))


def test_a_broken_cluster_is_refused_with_the_reason_and_leaves_no_process(postgres, data, workers):
    (data / "postgres" / "18" / "global" / "pg_control").unlink()
    with pytest.raises(NoDatabase, match="pg_control"):
        postgres.start()
    assert workers(data) == []
    assert not postgres.is_running()
