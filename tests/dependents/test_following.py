"""Who depends on whom, as it is kept while the index goes on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from tests.builders import wheel
from tests.journal.test_following import VERSIONS, change_status, remove_project, remove_release, tell, upload, yank
from warehouse.domain.journal import Change
from warehouse.domain.packaging import Project, ProjectStatus, Release
from warehouse.domain.packaging.dependencies import dependents_of, number_of_dependents
from warehouse.follow import catch_up, lag, rebuild
from warehouse.follow.dependents import DependentsFollower
from warehouse.work import OPERATOR, SYSTEM, begin

DEPENDENTS = DependentsFollower()
NAMES = ["alpha", "beta", "gamma"]
REQUIREMENTS = ["alpha", "Beta>=2", "beta<3", "gamma; extra == 'x'", "alpha>1; extra == 'x'", "elsewhere", "no sense!"]


def kept(tools):
    """Both tables, whole."""
    with begin(tools, SYSTEM) as work:
        dependencies = work.db.execute(text("SELECT * FROM dependencies ORDER BY 1, 2, 3")).all()
        return dependencies, work.db.execute(text("SELECT * FROM dependent_counts ORDER BY 1")).all()


def follow(tools, batch=1000):
    while catch_up(tools, DEPENDENTS, batch=batch) == batch:
        pass


def release(work, name, version, *requires):
    upload(work, name, version, 1)
    mine = select(Project.id).where(Project.normalized_name == name).scalar_subquery()
    these = update(Release).where(Release.project_id == mine, Release.version == version)
    work.db.execute(these.values(requires_dist=list(requires) or None))


def published(tools, *releases):
    with begin(tools, OPERATOR) as work:
        for name, version, *requires in releases:
            release(work, name, version, *requires)
    follow(tools)


names, versions = st.sampled_from(NAMES), st.sampled_from(VERSIONS[:3])
releases = st.tuples(st.just(release), names, versions).flatmap(
    lambda step: st.lists(st.sampled_from(REQUIREMENTS), max_size=3).map(lambda requires: (*step, *requires))
)
steps = st.one_of(
    releases,
    releases,
    st.tuples(st.just(yank), names, versions, st.booleans()),
    st.tuples(st.just(remove_release), names, versions),
    st.tuples(st.just(remove_project), names),
    st.tuples(st.just(change_status), names, st.sampled_from(list(ProjectStatus))),
    st.tuples(st.just("follow"), st.integers(1, 5)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, max_size=20), batch=st.integers(1, 7))
def test_following_any_history_in_any_steps_equals_rebuilding(tools, history, batch):
    with begin(tools, SYSTEM) as work:
        work.db.execute(text("TRUNCATE projects, releases, files, project_serials, journal, audit_events CASCADE"))
        work.db.execute(text("TRUNCATE follower_cursors, dependencies, dependent_counts"))
    for step, *args in history:
        if step == "follow":
            catch_up(tools, DEPENDENTS, batch=args[0])
        else:
            with begin(tools, OPERATOR) as work:
                step(work, *args)
    follow(tools, batch)
    assert lag(tools, DEPENDENTS) == 0
    followed = kept(tools)
    rebuild(tools, DEPENDENTS)
    assert followed == kept(tools)


def test_what_was_really_uploaded_is_found_by_what_it_depends_on(index):
    ada = index.user("ada")
    demo = wheel("Demo", "1.0", requires_dist=["base>=1.2", "tester; extra == 'test'"], provides_extra=["test"])
    index.upload(wheel("base", "1.2"), by=ada)
    assert index.upload(demo, by=ada).status == 200
    follow(index.tools)
    with index.work() as work:
        [demo] = dependents_of(work.db, "base")
        assert (demo.name, demo.version, demo.specifier, demo.extras) == ("Demo", "1.0", ">=1.2", ())
        assert number_of_dependents(work.db, "base") == 1
        assert number_of_dependents(work.db, "tester") == 0
        assert dependents_of(work.db, "tester") == []
        [optional] = dependents_of(work.db, "tester", only_optional=True)
        assert (optional.normalized_name, optional.extras) == ("demo", ("test",))


def test_only_the_latest_version_counts(tools):
    published(tools, ("demo", "1.0", "base"), ("demo", "2.0", "other"))
    assert kept(tools) == ([("demo", "other", "", "")], [("other", 1)])
    with begin(tools, OPERATOR) as work:
        yank(work, "demo", "2.0", True)
    follow(tools)
    assert kept(tools) == ([("demo", "base", "", "")], [("base", 1)])


def test_what_is_in_quarantine_depends_on_nothing(tools):
    published(tools, ("demo", "1.0", "base"), ("demo", "2.0", "base", "other"), ("third", "1", "base"))
    with begin(tools, OPERATOR) as work:
        work.db.execute(update(Release).where(Release.version == "2.0").values(is_quarantined=True))
        tell(work, "demo", Change.FILE_ADDED)
    follow(tools)
    assert kept(tools)[1] == [("base", 2)]
    with begin(tools, OPERATOR) as work:
        change_status(work, "demo", ProjectStatus.QUARANTINED)
        assert [one.name for one in dependents_of(work.db, "base")] == ["third"]  # before anything followed
    follow(tools)
    assert kept(tools) == ([("third", "base", "", "")], [("base", 1)])


def test_requirements_too_long_to_keep_hold_nobody_up(tools):
    published(tools, ("demo", "1.0", "a" * 3000, f"b; extra == '{'x' * 3000}'", f"c=={'9' * 5000}", "base"))
    assert kept(tools) == ([("demo", "base", "", "")], [("base", 1)])


@pytest.fixture
def heard(tools):
    """Says which pages were to be made again since it was asked last."""
    with tools.database.connection() as listener:
        listener.autocommit = True
        listener.execute("LISTEN journal")
        yield lambda: {each.payload for each in listener.notifies(timeout=0.2) if each.payload.startswith("again ")}
        listener.execute("UNLISTEN *")
        listener.autocommit = False


def test_the_pages_of_what_gains_or_loses_a_dependent_are_made_again(tools, heard):
    published(tools, ("demo", "1.0", "base", "same"))
    heard()
    published(tools, ("demo", "1.1", "other", "same"))
    assert heard() == {"again base", "again other"}


def test_who_is_taken_down_is_shown_no_more_at_once_also_among_many(tools, heard):
    published(tools, ("demo", "1.0", "base", "base2; extra == 'x'"))
    with begin(tools, OPERATOR) as work:
        work.db.execute(text("UPDATE dependent_counts SET number = 1000"))
    heard()
    published(tools, ("another", "1.0", "base"))
    assert heard() == set()
    with begin(tools, OPERATOR) as work:
        change_status(work, "demo", ProjectStatus.QUARANTINED)
    follow(tools)
    assert heard() == {"again base", "again base2"}


@pytest.fixture
def crowd(tools):
    """Some that depend on ``base``, with the downloads of a month."""
    published(tools, *((name, "1", "base") for name in ("ann", "bea", "cat", "dot")), ("eve", "1", "base; extra=='x'"))
    with begin(tools, SYSTEM) as work:
        work.db.execute(
            text(
                "INSERT INTO recent_downloads (normalized_name, day, week, month, as_of)"
                " SELECT *, '2026-01-01' FROM (VALUES ('cat', 1, 2, 30), ('bea', 1, 2, 10), ('zoe', 1, 2, 90)) AS seen"
            )
        )
    return tools


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [
        (10, 0, ["cat", "bea", "ann", "dot"]),
        (2, 0, ["cat", "bea"]),
        (1, 1, ["bea"]),
        (2, 1, ["bea", "ann"]),
        (2, 2, ["ann", "dot"]),
        (2, 4, []),
    ],
)
def test_those_most_used_come_first(crowd, limit, offset, expected):
    with begin(crowd, SYSTEM) as work:
        assert [one.name for one in dependents_of(work.db, "base", limit=limit, offset=offset)] == expected
