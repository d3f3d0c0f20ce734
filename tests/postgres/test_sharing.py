"""Several processes use one data folder, and the right one stops the server."""

from __future__ import annotations

import time

from warehouse.infra.postgres import EmbeddedPostgres


def gone_within(seconds, data, workers):
    end = time.monotonic() + seconds
    while workers(data):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_a_running_server_is_adopted_and_left_alone(postgres, data, another):
    postgres.start()
    guest = another(data)
    assert guest.does("start") == f"{postgres.pid} False"
    assert guest.does("ask SELECT 7") == "7"
    assert guest.does("stop") == "stopped"
    assert postgres.is_running()


def test_of_two_that_start_at_once_one_starts_and_one_adopts(data, another):
    both = [another(data), another(data)]
    for one in both:
        one.asked("start")
    said = [one.answer().split() for one in both]
    assert sorted(owner for _, owner in said) == ["False", "True"]
    assert said[0][0] == said[1][0]


def test_of_two_that_make_a_database_at_once_one_makes_it(folder, another):
    both = [another(folder / "new"), another(folder / "new")]
    for one in both:
        one.asked("start")
    assert sorted(one.answer().split()[1] for one in both) == ["False", "True"]
    assert [one.does("ask SELECT 7") for one in both] == ["7", "7"]


def test_the_starter_waits_for_a_short_command_that_uses_its_server(postgres, data, another):
    starter, guest = another(data), another(data)
    starter.does("start")
    guest.does("start")
    starter.asked("stop")
    time.sleep(0.3)
    assert guest.does("ask SELECT 7") == "7"
    guest.does("stop")
    assert starter.answer() == "stopped"
    assert not postgres.is_running()


def test_the_starter_waits_no_longer_than_its_limit(data, another, workers):
    server = EmbeddedPostgres(data, durable=False, lease_limit=2)
    server.start()
    another(data).does("start")
    began = time.monotonic()
    server.stop()
    assert 1.9 < time.monotonic() - began < 20
    assert workers(data) == []


def test_a_killed_command_holds_no_lease(postgres, data, another):
    postgres.start()
    guest = another(data)
    guest.does("start")
    guest.kill()
    began = time.monotonic()
    postgres.stop()
    assert time.monotonic() - began < 20


def test_a_long_running_adopter_is_not_waited_for_and_takes_over(postgres, data, another):
    postgres.start()
    address = postgres.url
    lasting = another(data, lease=False)
    assert lasting.does("start").endswith("False")
    began = time.monotonic()
    postgres.stop()
    assert time.monotonic() - began < 20
    assert lasting.does("ensure").endswith("True")
    assert lasting.does("ask SELECT 7") == "7"
    assert postgres.url == address


def test_the_server_ends_when_its_starter_is_killed(data, another, workers):
    starter = another(data)
    starter.does("start")
    assert workers(data)
    starter.kill()
    assert gone_within(20, data, workers)
    assert "database system is shut down" in (data / "postgres" / "server.log").read_text()


def test_an_adopter_starts_the_server_again_when_its_starter_was_killed(data, another):
    starter, lasting = another(data), another(data, lease=False)
    starter.does("start")
    lasting.does("start")
    starter.kill()
    time.sleep(0.3)
    assert lasting.does("ensure").endswith("True")
    assert lasting.does("ask SELECT 7") == "7"


def test_a_starter_killed_while_making_the_database_leaves_nothing_that_matters(folder, another, workers):
    data = folder / "new"
    starter = another(data)
    starter.asked("start")
    while not (data / "postgres" / "18.new").exists():
        time.sleep(0.005)
    time.sleep(0.05)
    starter.kill()
    with EmbeddedPostgres(data, durable=False) as server:
        assert server.is_running()
    assert not (data / "postgres" / "18.new").exists()
    assert workers(data) == []


def test_starting_twice_is_starting_once(postgres):
    postgres.start()
    first = postgres.pid
    postgres.start()
    assert postgres.pid == first
    assert postgres.is_ours
    began = time.monotonic()
    postgres.stop()
    assert time.monotonic() - began < 20
