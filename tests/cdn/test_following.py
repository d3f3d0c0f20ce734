"""What is purged when something happens, when, and what becomes of purges while a cache is away."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.builders import sdist, wheel
from tests.conftest import MakeIndex
from tests.index import Index
from tests.served import eventually
from warehouse.domain.accounts import user_named
from warehouse.domain.journal import cursor, last_serial
from warehouse.domain.packaging import ProjectStatus, RoleName
from warehouse.follow import catch_up
from warehouse.follow.cdn import CdnFollower, Purging, Settled, advice, begin_purging, purge_again
from warehouse.follow.pages import PageFollower
from warehouse.infra.cache import PageCache
from warehouse.infra.cdn import MemoryPurger, PurgeFailed
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.roles import give_role, take_role
from warehouse.settings import BadSettings, load_settings
from warehouse.work import OPERATOR, Tools, begin

STOP = threading.Event()


@pytest.fixture
def purger() -> MemoryPurger:
    return MemoryPurger()


@pytest.fixture
def follower(purger: MemoryPurger) -> CdnFollower:
    return CdnFollower(purger, purger.name)


def purged(tools: Tools, follower: CdnFollower, purger: MemoryPurger) -> list[list[str]]:
    """What is purged for everything that has happened since the last time."""
    before = len(purger.purged)
    while catch_up(tools, follower):
        pass
    return purger.purged[before:]


def serial_of(tools: Tools, name: str) -> int:
    with begin(tools, OPERATOR) as work:
        position = cursor(work.db, name)
        return position.serial if position else 0


def newest(tools: Tools) -> int:
    with begin(tools, OPERATOR) as work:
        return last_serial(work.db)


def test_each_change_purges_what_shows_it(index: Index, follower: CdnFollower, purger: MemoryPurger) -> None:
    tools, ada = index.tools, index.user("ada")
    index.user("bob")

    def keys() -> list[str]:
        [once] = purged(tools, follower, purger)
        return once

    index.upload(sdist("Demo.Project", "1.0"), by=ada)
    everything = ["all-projects", "project/demo-project", "user/ada"]
    assert keys() == everything
    index.upload(wheel("Demo.Project", "1.0"), by=ada)
    assert keys() == ["project/demo-project"]
    index.upload(wheel("Demo.Project", "2.0"), by=ada)
    assert keys() == everything
    with index.work() as work:
        set_project_status(work, find_project(work, "demo-project"), ProjectStatus.QUARANTINED)
    assert keys() == ["all-projects", "files/demo-project", "project/demo-project", "user/ada"]


def test_people_who_come_and_go_are_purged(index: Index, follower: CdnFollower, purger: MemoryPurger) -> None:
    tools = index.tools
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    index.user("Bob")  # by whose lower case their page is kept
    purged(tools, follower, purger)
    for change in (
        lambda work, project, bob: give_role(work, project, bob, RoleName.MAINTAINER),
        lambda work, project, bob: give_role(work, project, bob, RoleName.OWNER),
        lambda work, project, bob: take_role(work, project, bob),
    ):
        with index.work() as work:
            change(work, find_project(work, "demo"), user_named(work.db, "bob"))
        assert purged(tools, follower, purger) == [["project/demo", "user/bob"]]


def test_a_burst_is_purged_in_few_batches_each_key_once(
    index: Index, follower: CdnFollower, purger: MemoryPurger
) -> None:
    write_entries(index.tools, 10_000, projects=7)
    batches = purged(index.tools, follower, purger)
    assert len(batches) == 10
    assert batches[0] == [f"project/p{number}" for number in range(7)]


def write_entries(tools: Tools, count: int, projects: int) -> None:
    """Tell the journal of files that were added, in one statement."""
    with begin(tools, OPERATOR) as work:
        insert = """
            INSERT INTO journal (change, action, project, normalized_name)
            SELECT 'file added', 'add source file x', 'p' || n % :projects, 'p' || n % :projects
            FROM generate_series(1, :count) AS n
        """
        work.db.execute(text(insert), {"count": count, "projects": projects})


def test_a_cache_that_is_away_loses_nothing_and_the_cursor_waits(
    index: Index, follower: CdnFollower, purger: MemoryPurger
) -> None:
    tools = index.tools
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    purger.trouble = PurgeFailed("It is away.")
    for _ in range(2):
        with pytest.raises(PurgeFailed):
            catch_up(tools, follower)
        assert serial_of(tools, "memory") == 0
    index.upload(wheel("other", "1.0"), by=index.user("bob"))
    purger.trouble = None
    assert purged(tools, follower, purger) == [
        ["all-projects", "project/demo", "project/other", "user/ada", "user/bob"]
    ]
    assert serial_of(tools, "memory") == newest(tools)


# In turns


@pytest.fixture
def soon(tools: Tools) -> Tools:
    """Tools with which the second purge follows after half a second."""
    settings = load_settings({"WAREHOUSE_DATA": str(tools.settings.data), "WAREHOUSE_CDN__AGAIN_AFTER": "0.5 s"})
    return replace(tools, settings=settings)


def test_everything_is_purged_at_once_and_again_when_no_server_has_the_old_page_any_more(
    index: Index, soon: Tools, purger: MemoryPurger
) -> None:
    purging = Purging(soon, purger)
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    purging.turn(STOP)
    first = time.monotonic()
    assert [keys[1] for keys in purger.purged] == ["project/demo"]
    while len(purger.purged) == 1:
        purging.turn(STOP)
    assert time.monotonic() - first >= 0.4
    assert purger.purged[0] == purger.purged[1]
    purging.turn(STOP)
    assert len(purger.purged) == 2
    assert serial_of(soon, "memory") == serial_of(soon, "memory again") == newest(soon)


def test_a_worker_that_begins_anew_purges_again_what_nobody_has_purged_twice(
    index: Index, soon: Tools, purger: MemoryPurger
) -> None:
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    Purging(soon, purger).turn(STOP)  # and is killed before the second time
    assert (len(purger.purged), serial_of(soon, "memory again")) == (1, 0)
    another = Purging(soon, purger)
    another.turn(STOP)
    assert len(purger.purged) == 1  # it has not watched for long enough to know how old the entries are
    time.sleep(0.6)
    another.turn(STOP)
    assert len(purger.purged) == 2


@pytest.mark.parametrize(
    ("seen", "settled"),
    [
        ([(0, 5)], [0]),
        ([(0, 5), (4.9, 5), (5, 5)], [0, 0, 5]),
        ([(0, 5), (3, 7), (5, 9), (7, 9), (8, 9), (10, 9), (99, 9)], [0, 0, 5, 5, 7, 9, 9]),
        ([(0, 0), (9, 0), (10, 4), (14, 4), (15, 4)], [0, 0, 0, 0, 4]),
    ],
)
def test_what_the_journal_had_reached_some_seconds_ago(seen: list[tuple[float, int]], settled: list[int]) -> None:
    watching = Settled(5.0)
    assert [watching.see(newest, now) for now, newest in seen] == settled


def test_a_cache_that_asks_to_be_left_alone_is_left_alone(
    index: Index, soon: Tools, purger: MemoryPurger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    purging = Purging(soon, purger)
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    purger.trouble = PurgeFailed("It takes no more purges for now.", retry_after=2)
    purging.turn(STOP)
    purger.trouble = None
    told_at = time.monotonic()
    while not purger.purged:
        purging.turn(STOP)
        time.sleep(0.02)
    assert time.monotonic() - told_at >= 1.9
    said = [(record.levelname, record.getMessage()) for record in caplog.records if "purges" in record.getMessage()]
    assert said == [
        ("WARNING", "purges wait for 2 seconds: It takes no more purges for now."),
        ("INFO", "purges go on"),
    ]


def test_the_pauses_grow_and_the_numbers_tell_how_far_behind_it_is(
    index: Index, soon: Tools, purger: MemoryPurger, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    purging = Purging(soon, purger)
    purger.trouble = PurgeFailed("It is away.")
    pauses = []
    for _ in range(9):
        purging._not_before = 0.0
        purging.turn(STOP)
        pauses.append(purging._pause)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert f'warehouse_follower_lag{{follower="memory"}} {newest(soon)}.0' in soon.metrics.render().decode()
    purger.trouble = None
    purging._not_before = 0.0
    purging.turn(STOP)
    assert 'warehouse_follower_lag{follower="memory"} 0.0' in soon.metrics.render().decode()
    assert purging._pause == 0


def test_two_caches_are_told_apart_from_each_other(index: Index, soon: Tools) -> None:
    well, away = MemoryPurger("well"), MemoryPurger("away")
    away.trouble = PurgeFailed("It is away.")
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    for purger in (away, well):
        Purging(soon, purger).turn(STOP)
    assert (len(well.purged), len(away.purged)) == (1, 0)
    assert serial_of(soon, "away") == 0


def test_purging_follows_by_itself(index: Index, soon: Tools, purger: MemoryPurger) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=Purging(soon, purger).run, args=(stop,))
    thread.start()
    try:
        index.upload(wheel("demo", "1.0"), by=index.user("ada"))
        eventually(lambda: len(purger.purged) == 2)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


# A web server that is cut off


def test_a_web_server_that_was_cut_off_has_everything_purged_again_that_it_did_not_hear_of(
    index: Index, soon: Tools, purger: MemoryPurger
) -> None:
    purging = Purging(soon, purger)
    late: list[int] = []
    cut_off = PageFollower(soon.database, soon.head, PageCache(1024), patience=0.3, on_late=late.append)
    write_entries(soon, 3, projects=1)
    cut_off.catch_up()
    while serial_of(soon, "memory again") < 3:
        purging.turn(STOP)
    write_entries(soon, 2, projects=2)
    while serial_of(soon, "memory again") < 5:
        purging.turn(STOP)
    stop = threading.Event()
    thread = cut_off.start(stop)
    eventually(lambda: late == [3])
    stop.set()
    thread.join(10)

    before = len(purger.purged)
    purge_again(soon, late[0])
    assert (serial_of(soon, "memory"), serial_of(soon, "memory again")) == (5, 3)
    back_at = time.monotonic()
    while len(purger.purged) == before:
        purging.turn(STOP)
    assert time.monotonic() - back_at >= 0.4
    assert purger.purged[before:] == [["project/p0", "project/p1"]]


def test_a_web_server_that_hears_regularly_has_nothing_purged_again(soon: Tools) -> None:
    late: list[int] = []
    follower = PageFollower(soon.database, soon.head, PageCache(1024), patience=60, on_late=late.append)
    stop = threading.Event()
    thread = follower.start(stop)
    write_entries(soon, 3, projects=1)
    eventually(lambda: follower.applied == 3)
    stop.set()
    thread.join(10)
    assert late == []


# From when on


def test_a_cache_that_was_never_told_anything_is_told_from_now_on(demo: Index, index_with: MakeIndex) -> None:
    settings = index_with(CDN__BACKEND="varnish", CDN__VARNISH="http://127.0.0.1:1").tools.settings
    tools = replace(demo.tools, settings=settings)
    begin_purging(tools)
    name, before = "varnish http://127.0.0.1:1", newest(tools)
    assert serial_of(tools, name) == serial_of(tools, f"{name} again") == before > 0
    write_entries(tools, 5, projects=1)
    begin_purging(tools)  # a restart is no new beginning
    assert serial_of(tools, name) == before


def test_settings_that_say_too_little_stop_the_start(tools: Tools) -> None:
    settings = load_settings({"WAREHOUSE_CDN__BACKEND": "fastly"})
    with pytest.raises(BadSettings, match=r"set cdn\.fastly_service and cdn\.fastly_token, too"):
        begin_purging(replace(tools, settings=settings))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, None),
        ({"WAREHOUSE_PROFILE": "public"}, "No CDN is told of changes"),
        ({"WAREHOUSE_PROFILE": "public", "WAREHOUSE_CDN__BACKEND": "varnish"}, None),
        ({"WAREHOUSE_PROFILE": "public", "WAREHOUSE_PAGES__CDN_MAX_AGE": "none"}, None),
        ({"WAREHOUSE_CDN__BACKEND": "varnish"}, "set pages.cdn_max_age"),
        ({"WAREHOUSE_CDN__BACKEND": "varnish", "WAREHOUSE_ACCESS__READ": "signed_in"}, "set cdn.backend to none"),
        ({"WAREHOUSE_PROFILE": "public", "WAREHOUSE_ACCESS__READ": "signed_in"}, None),
    ],
)
def test_settings_that_do_not_go_together_are_told_of(settings: dict[str, str], sentence: str | None) -> None:
    said = advice(load_settings(settings))
    assert said is None if sentence is None else sentence in (said or "")


def test_rebuilding_has_the_cache_forget_everything(tools: Tools, follower: CdnFollower, purger: MemoryPurger) -> None:
    with begin(tools, OPERATOR) as work:
        follower.rebuild(work.db)
    assert purger.forgot_everything == 1
