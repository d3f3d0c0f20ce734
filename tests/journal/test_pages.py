"""A process's page cache follows the journal."""

from __future__ import annotations

import threading

import pytest

from tests.journal.test_order import commit, committing, eventually
from warehouse.domain.journal.copying import tell_again
from warehouse.domain.site import MirroredProject
from warehouse.errors import Unavailable
from warehouse.follow import pages
from warehouse.follow.pages import ROOT, PageFollower
from warehouse.infra.cache import PageCache
from warehouse.work import SYSTEM, begin


@pytest.fixture
def cache():
    cache = PageCache(1 << 20)
    for name in ("alpha", "beta", "gamma", ROOT):
        cache.build(name, name, lambda name=name: (f"page of {name}", 10))
    return cache


def kept(cache):
    return [name for name in ("alpha", "beta", "gamma", ROOT) if cache.get(name) is not None]


def test_only_the_pages_of_the_named_projects_and_the_lists_are_dropped(tools, cache):
    follower = PageFollower(tools.database, tools.head, cache)
    commit(tools, "alpha", "gamma", "unheard-of")
    assert kept(cache) == ["alpha", "beta", "gamma", ROOT]
    follower.catch_up()
    assert kept(cache) == ["beta"]
    assert follower.applied == tools.head.serial == 3


def test_nothing_is_dropped_when_nothing_happened(tools, cache):
    follower = PageFollower(tools.database, tools.head, cache)
    follower.catch_up()
    assert kept(cache) == ["alpha", "beta", "gamma", ROOT]


def test_a_follower_starts_at_the_newest_entry(tools, cache):
    commit(tools, "alpha")
    follower = PageFollower(tools.database, tools.head, cache)
    follower.catch_up()
    assert kept(cache) == ["alpha", "beta", "gamma", ROOT]
    assert not follower.is_behind


def test_of_more_entries_than_are_worth_naming_everything_is_dropped(tools, cache, monkeypatch):
    monkeypatch.setattr(pages, "MOST_NAMED", 3)
    follower = PageFollower(tools.database, tools.head, cache)
    commit(tools, "other", "alpha")
    follower.catch_up()
    assert kept(cache) == ["beta", "gamma"]
    commit(tools, "other", "other", "other", "other", "other")
    follower.catch_up()
    assert kept(cache) == []
    assert follower.applied == 7
    assert not follower.is_behind


def test_a_build_that_such_a_burst_overtakes_is_not_kept(tools, cache, monkeypatch):
    monkeypatch.setattr(pages, "MOST_NAMED", 1)
    follower = PageFollower(tools.database, tools.head, cache)

    def make() -> tuple[str, int]:
        commit(tools, "delta")
        follower.catch_up()
        return "page of delta", 10

    assert cache.build("delta", "delta", make) == "page of delta"
    assert cache.get("delta") is None


def test_of_many_who_wait_for_the_same_news_one_asks_the_database(tools, cache, monkeypatch):
    follower = PageFollower(tools.database, tools.head, cache)
    commit(tools, "alpha")
    asked = []
    rows, everybody = tools.database.rows, threading.Barrier(8)

    def noting(query, parameters):
        asked.append(query)
        return rows(query, parameters)

    def come():
        everybody.wait(20)
        follower.catch_up_here()

    monkeypatch.setattr(tools.database, "rows", noting)
    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert kept(cache) == ["beta", "gamma"]
    assert len(asked) == 1


def test_a_process_is_behind_from_the_commit_on_until_it_has_caught_up(tools, cache):
    follower = PageFollower(tools.database, tools.head, cache)
    with committing(tools, "alpha"):
        assert not follower.is_behind
    assert follower.is_behind
    follower.catch_up()
    assert not follower.is_behind


@pytest.mark.parametrize("poll", [30.0, 0.05], ids=["woken", "polling"])
def test_a_commit_elsewhere_wakes_the_follower(tools, cache, monkeypatch, poll):
    # With a poll of 30 s only the notification can have brought the news, and with the channel renamed only the poll.
    monkeypatch.setattr(pages, "POLL", poll)
    if poll < 1:
        monkeypatch.setattr(pages, "CHANNEL", "another_channel")
    follower = PageFollower(tools.database, tools.head, cache)
    stop = threading.Event()
    thread = follower.start(stop)
    try:
        commit(tools, "other")
        eventually(lambda: follower.applied == 1, seconds=10)  # it listens by now
        commit(tools, "alpha")
        eventually(lambda: kept(cache) == ["beta", "gamma"], seconds=10)
    finally:
        stop.set()
        commit(tools, "last")  # wakes it, to see that it shall stop
        thread.join(10)
    assert not thread.is_alive()


def test_many_commits_in_a_row_elsewhere_do_not_leave_the_follower_behind(tools, cache, monkeypatch):
    # A notice is heard for each, and pausing after each would take as many pauses.
    monkeypatch.setattr(pages, "GATHER", 3.0)
    follower = PageFollower(tools.database, tools.head, cache)
    stop = threading.Event()
    thread = follower.start(stop)
    try:
        for number in range(30):
            commit(tools, f"project-{number}")
        commit(tools, "alpha")
        eventually(lambda: follower.applied == 31, seconds=20)
    finally:
        stop.set()
        thread.join(20)


def test_a_project_that_a_mirror_got_while_nobody_listened_is_dropped_too(tools, cache):
    commit(tools, "alpha")
    follower = PageFollower(tools.database, tools.head, cache)
    with begin(tools, SYSTEM) as work:  # the notice of it is sent before anybody listens, and no entry follows
        work.db.add(MirroredProject(normalized_name="beta", display="beta", retold_serial=1))
        tell_again(work.db, ["beta"])
    stop = threading.Event()
    thread = follower.start(stop)
    try:
        eventually(lambda: kept(cache) == ["alpha", "gamma"], seconds=20)
    finally:
        stop.set()
        thread.join(20)


def test_who_waits_too_long_for_the_build_of_another_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr("warehouse.infra.cache.BUILD_TIME_LIMIT", 0.01)
    cache = PageCache(1_000_000)
    begun, end = threading.Event(), threading.Event()

    def make() -> tuple[str, int]:
        begun.set()
        assert end.wait(20)
        return "page", 4

    builder = threading.Thread(target=cache.build, args=("key", "demo", make))
    builder.start()
    assert begun.wait(20)
    with pytest.raises(Unavailable, match="Try again"):
        cache.build("key", "demo", make)
    end.set()
    builder.join()
    assert cache.get("key") == "page"
