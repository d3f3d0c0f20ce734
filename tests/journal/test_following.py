"""Following any history gives what rebuilding gives."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from tests.builders import sdist, wheel
from tests.journal.test_order import commit, committing, eventually
from warehouse.domain import journal
from warehouse.domain.journal import Change, FollowerCursor
from warehouse.domain.packaging import File, Project, ProjectStatus, Release
from warehouse.domain.packaging.totals import IndexTotals, ProjectTotals
from warehouse.follow import catch_up, keep_up, lag, rebuild
from warehouse.follow.totals import TotalsFollower, totals_of
from warehouse.infra.db import libpq_url
from warehouse.operations.files import remove_file
from warehouse.operations.projects import set_project_status
from warehouse.operations.releases import unyank_release, yank_release
from warehouse.standards.names import lookalike
from warehouse.standards.versions import canonical, is_prerelease, sort_key
from warehouse.work import OPERATOR, SYSTEM, begin

TOTALS = TotalsFollower()
NAMES = ["alpha", "beta", "gamma"]
SUMS = select(
    func.coalesce(select(IndexTotals.size).scalar_subquery(), 0),
    func.coalesce(select(func.sum(ProjectTotals.size)).scalar_subquery(), 0),
)
VERSIONS = ["1.0", "1.10", "1.9", "2.0rc1", "2.0.dev3", "0.1", "1!0.1"]


def rows(tools):
    """The whole table; what all rows hold is kept with them."""
    with begin(tools, SYSTEM) as work:
        kept, added_up = work.db.execute(SUMS).one()  # one statement: a follower may be at work meanwhile
        assert kept == added_up
        query = select(ProjectTotals).order_by(ProjectTotals.normalized_name)
        return [
            (one.normalized_name, one.releases, one.files, one.size, one.latest_version, one.updated_serial)
            for one in work.db.scalars(query)
        ]


def follow(tools, batch=1000):
    while catch_up(tools, TOTALS, batch=batch) == batch:
        pass


def upload(work, name, version, size):
    """Store a file's rows and tell the journal, without an archive to read."""
    project = work.db.scalar(select(Project).where(Project.normalized_name == name))
    if project is None:
        project = Project(name=name, normalized_name=name, lookalike_name=lookalike(name))
        work.db.add(project)
        work.db.flush()
    release = work.db.scalar(select(Release).where(Release.project_id == project.id, Release.version == version))
    if release is None:
        release = Release(
            project_id=project.id,
            version=version,
            canonical_version=canonical(version),
            version_key=sort_key(version),
            is_prerelease=is_prerelease(version),
            metadata_version="2.1",
        )
        work.db.add(release)
        work.db.flush()
    token = f"{time.monotonic_ns():064x}"
    work.db.add(
        File(
            project_id=project.id,
            release_id=release.id,
            filename=f"{name}-{version}-{token}.whl",
            packagetype="bdist_wheel",
            python_version="py3",
            size=size,
            md5="",
            sha256=token,
            blake2_256=token,
        )
    )
    tell(work, name, Change.FILE_ADDED)


def tell(work, name, change):
    journal.add(work.db, change, change.value, project=name, normalized_name=name)


def remove_project(work, name):
    if work.db.scalar(delete(Project).where(Project.normalized_name == name).returning(Project.id)):
        tell(work, name, Change.PROJECT_REMOVED)


def remove_release(work, name, version):
    project = work.db.scalar(select(Project).where(Project.normalized_name == name))
    if project is not None:
        work.db.execute(delete(Release).where(Release.project_id == project.id, Release.version == version))
        tell(work, name, Change.RELEASE_REMOVED)


def yank(work, name, version, on):
    project = work.db.scalar(select(Project).where(Project.normalized_name == name))
    release = project and work.db.scalar(
        select(Release).where(Release.project_id == project.id, Release.version == version)
    )
    if release is not None:
        (yank_release if on else unyank_release)(work, project, release)


def change_status(work, name, status):
    project = work.db.scalar(select(Project).where(Project.normalized_name == name))
    if project is not None:
        set_project_status(work, project, ProjectStatus.ACTIVE)
        set_project_status(work, project, status)


def remove_some_file(work, name, version):
    project = work.db.scalar(select(Project).where(Project.normalized_name == name))
    file = project and work.db.scalar(select(File).where(File.project_id == project.id).order_by(File.id).limit(1))
    if file is not None:
        remove_file(work, project, file.filename)


names, versions = st.sampled_from(NAMES), st.sampled_from(VERSIONS)
steps = st.one_of(
    st.tuples(st.just(upload), names, versions, st.integers(1, 1 << 40)),
    st.tuples(st.just(upload), names, versions, st.integers(1, 1 << 40)),
    st.tuples(st.just(yank), names, versions, st.booleans()),
    st.tuples(st.just(remove_release), names, versions),
    st.tuples(st.just(remove_some_file), names, versions),
    st.tuples(st.just(remove_project), names),
    st.tuples(st.just(change_status), names, st.sampled_from(list(ProjectStatus))),
    st.tuples(st.just("follow"), st.integers(1, 5), st.integers(1, 3)),
    st.tuples(st.just("rebuild")),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, max_size=25), batch=st.integers(1, 7))
def test_following_any_history_in_any_steps_equals_rebuilding(tools, history, batch):
    with begin(tools, SYSTEM) as work:
        work.db.execute(text("TRUNCATE projects, releases, files, project_serials, journal, audit_events CASCADE"))
        work.db.execute(text("TRUNCATE follower_cursors, project_totals, index_totals"))
    for step, *args in history:
        if step == "follow":
            for _ in range(args[1]):
                catch_up(tools, TOTALS, batch=args[0])
        elif step == "rebuild":
            rebuild(tools, TOTALS)
        else:
            with begin(tools, OPERATOR) as work:
                step(work, *args)
    follow(tools, batch)
    assert lag(tools, TOTALS) == 0
    followed = rows(tools)
    rebuild(tools, TOTALS)
    assert followed == rows(tools)


def test_totals_of_what_was_really_uploaded(index):
    ada = index.user("ada")
    dists = [wheel("demo", "1.0"), sdist("demo", "1.0"), wheel("demo", "1.1"), wheel("demo", "2.0rc1")]
    for dist in dists:
        assert index.upload(dist, by=ada).status == 200
    follow(index.tools)
    with index.work() as work:
        totals = totals_of(work.db, "demo")
        assert (totals.releases, totals.files, totals.latest_version) == (3, 4, "1.1")
        assert totals.size == sum(len(dist.content) for dist in dists)
        assert totals.updated_serial == journal.last_serial(work.db)
        assert totals_of(work.db, "other") is None


def test_the_latest_version_is_final_and_not_yanked_where_there_is_one(tools):
    def latest():
        follow(tools)
        return rows(tools)[0][4]

    with begin(tools, OPERATOR) as work:
        for version in VERSIONS[:5]:
            upload(work, "alpha", version, 1)
    assert latest() == "1.10"
    for version, then in [("1.10", "1.9"), ("1.9", "1.0"), ("1.0", "2.0rc1"), ("2.0rc1", "2.0.dev3")]:
        with begin(tools, OPERATOR) as work:
            yank(work, "alpha", version, True)
        assert latest() == then
    with begin(tools, OPERATOR) as work:
        yank(work, "alpha", "2.0.dev3", True)
    assert latest() == "1.10"


def test_a_release_in_quarantine_is_never_the_latest(tools):
    def quarantine(version):
        with begin(tools, OPERATOR) as work:
            work.db.execute(update(Release).where(Release.version == version).values(is_quarantined=True))
            tell(work, "alpha", Change.FILE_ADDED)  # any entry that makes followers look at the project
        follow(tools)
        return rows(tools)[0]

    with begin(tools, OPERATOR) as work:
        for version in ("1.0", "1.1"):
            upload(work, "alpha", version, 1)
    assert quarantine("1.1")[1:5] == (2, 2, 2, "1.0")
    assert quarantine("1.0")[1:5] == (2, 2, 2, None)


def test_a_project_that_is_removed_loses_its_row(tools):
    with begin(tools, OPERATOR) as work:
        upload(work, "alpha", "1.0", 1)
        upload(work, "beta", "1.0", 1)
    follow(tools)
    with begin(tools, OPERATOR) as work:
        remove_project(work, "alpha")
    follow(tools)
    assert [row[0] for row in rows(tools)] == ["beta"]


def test_a_follower_that_fails_stays_where_it_was(tools):
    class Failing(TotalsFollower):
        def apply(self, work, names):
            super().apply(work, names)
            raise RuntimeError("the power went out")

    with begin(tools, OPERATOR) as work:
        upload(work, "alpha", "1.0", 1)
    with pytest.raises(RuntimeError):
        catch_up(tools, Failing())
    assert rows(tools) == []
    assert lag(tools, TOTALS) == 1
    assert catch_up(tools, TOTALS) == 1
    assert [row[0] for row in rows(tools)] == ["alpha"]


def test_rebuilding_beside_uploads_loses_none_of_them(tools):
    # Entries that are committed while it rebuilds are behind the serial at which it ends, and are followed after it.
    class Interrupted(TotalsFollower):
        def rebuild(self, db):
            super().rebuild(db)
            with begin(tools, OPERATOR) as work:
                upload(work, "alpha", "2.0", 5)
                upload(work, "beta", "1.0", 7)

    with begin(tools, OPERATOR) as work:
        upload(work, "alpha", "1.0", 1)
    assert rebuild(tools, Interrupted()) == 1
    assert [row[:4] for row in rows(tools)] == [("alpha", 1, 1, 1)]
    assert lag(tools, TOTALS) == 2
    follow(tools)
    assert [row[:4] for row in rows(tools)] == [("alpha", 2, 2, 6), ("beta", 1, 1, 7)]


def test_a_transaction_that_was_numbered_before_a_rebuild_is_not_lost_to_it(tools):
    with committing(tools, "alpha"):
        assert rebuild(tools, TOTALS) == 0
    assert lag(tools, TOTALS) == 1


def test_whoever_does_not_wait_leaves_the_cursor_to_its_holder(tools):
    with begin(tools, OPERATOR) as work:
        upload(work, "alpha", "1.0", 1)
    catch_up(tools, TOTALS)
    with begin(tools, OPERATOR) as work:
        upload(work, "alpha", "1.1", 1)
    with begin(tools, SYSTEM) as holder:
        holder.db.execute(update(FollowerCursor).values(moved_at=datetime.now(UTC)))
        assert catch_up(tools, TOTALS, wait=False) == 0
    assert catch_up(tools, TOTALS, wait=False) == 1


def test_a_failing_follower_does_not_hold_up_the_others(tools, caplog, monkeypatch):
    class Failing:
        name = "failing"

        def apply(self, work, names):
            raise RuntimeError("this one is broken")

        def rebuild(self, db):
            raise RuntimeError("this one is broken")

    monkeypatch.setattr("warehouse.follow.follower.RETRY", 0.05)
    stop = threading.Event()
    thread = threading.Thread(target=keep_up, args=(tools, [Failing(), TOTALS], stop))
    thread.start()
    try:
        with begin(tools, OPERATOR) as work:
            upload(work, "alpha", "1.0", 1)
        eventually(lambda: [row[0] for row in rows(tools)] == ["alpha"])
        eventually(lambda: tools.metrics.follower_lag.labels("totals")._value.get() == 0)
        # The upload may have come after the failing one had its turn and before the other.
        eventually(lambda: "the follower failing is held up" in caplog.text)
    finally:
        stop.set()
        thread.join(10)
    assert tools.metrics.follower_lag.labels("failing")._value.get() == 0  # never told: it has not caught up once


def test_a_follower_without_a_database_says_so_in_a_sentence(tools, caplog, monkeypatch):
    class CutOff:
        name = "cut off"

        def apply(self, work, names):
            work.db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        def rebuild(self, db):
            raise AssertionError("nobody asked for it")

    monkeypatch.setattr("warehouse.follow.follower.RETRY", 0.05)
    stop = threading.Event()
    thread = threading.Thread(target=keep_up, args=(tools, [CutOff()], stop))
    thread.start()
    try:
        commit(tools, "one")
        eventually(lambda: "the follower cut off waits: The index cannot reach its database." in caplog.text)
        assert "held up" not in caplog.text
    finally:
        stop.set()
        thread.join(10)


def test_followers_go_on_after_their_connection_was_cut(tools, monkeypatch):
    monkeypatch.setattr("warehouse.follow.follower.RETRY", 0.05)
    stop = threading.Event()
    thread = threading.Thread(target=keep_up, args=(tools, [TOTALS], stop))
    thread.start()
    try:
        commit(tools, "one")
        eventually(lambda: lag(tools, TOTALS) == 0)
        with psycopg.connect(libpq_url(tools.database.url), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database() AND query LIKE 'LISTEN%'"
            )
        commit(tools, "two")
        eventually(lambda: lag(tools, TOTALS) == 0)
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join(10)
