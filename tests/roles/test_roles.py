"""A team shares a project: its people are given roles and lose them, and an owner always remains."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.builders import wheel
from tests.index import Index
from tests.json_api.conftest import read
from warehouse.domain.accounts import User
from warehouse.domain.audit import AuditEvent
from warehouse.domain.packaging import ProjectStatus, RoleName
from warehouse.errors import Conflict, NotAllowed, NotFound
from warehouse.operations.projects import find_project
from warehouse.operations.roles import collaborators, give_if_ownerless, give_role, take_role
from warehouse.work import OPERATOR, Actor, Credential

OWNER, MAINTAINER = RoleName.OWNER, RoleName.MAINTAINER


@pytest.fixture
def demo(index):
    """An index with a project of ada's, and bob."""
    index.ada, index.bob = index.user("ada"), index.user("bob")
    assert index.upload(wheel("demo", "1.0"), by=index.ada).status == 200
    return index


def give(index: Index, user: User, role: RoleName = OWNER, *, actor: Actor = OPERATOR) -> None:
    with index.work(actor) as work:
        give_role(work, find_project(work, "demo"), user, role)


def take(index: Index, user: User, *, actor: Actor = OPERATOR) -> None:
    with index.work(actor) as work:
        take_role(work, find_project(work, "demo"), user)


def people(index: Index) -> list[tuple[str, str]]:
    with index.work() as work:
        return collaborators(work.db, find_project(work, "demo"))


def ownership(index: Index) -> list[tuple[str, str]]:
    return [(role["user"], role["role"]) for role in read(index, "demo")["ownership"]["roles"]]


@pytest.mark.parametrize("role", RoleName)
def test_who_is_given_a_role_uploads_until_it_is_taken(demo, role):
    refused = demo.upload(wheel("demo", "1.1"), by=demo.bob)
    assert (refused.status, refused.reason.endswith("Ask one of its owners for a role.")) == (403, True)
    give(demo, demo.bob, role, actor=demo.actor(demo.ada))
    assert demo.upload(wheel("demo", "1.1"), by=demo.bob).status == 200
    take(demo, demo.bob, actor=demo.actor(demo.ada))
    assert demo.upload(wheel("demo", "1.2"), by=demo.bob).status == 403


def test_the_json_api_follows_at_once(demo):
    assert ownership(demo) == [("ada", "Owner")]
    give(demo, demo.bob, MAINTAINER)
    assert ownership(demo) == [("ada", "Owner"), ("bob", "Maintainer")]
    give(demo, demo.bob, OWNER)
    assert ownership(demo) == [("ada", "Owner"), ("bob", "Owner")]
    take(demo, demo.ada)
    assert ownership(demo) == [("bob", "Owner")]


def test_journal_and_audit_trail_are_told_once_of_each_change(demo):
    before = len(demo.journal())
    for role in (MAINTAINER, MAINTAINER, OWNER, OWNER):
        give(demo, demo.bob, role, actor=demo.actor(demo.ada))
    take(demo, demo.bob, actor=demo.actor(demo.ada))
    assert demo.journal()[before:] == ["add Maintainer bob", "change Maintainer bob to Owner", "remove Owner bob"]
    with demo.work() as work:
        events = work.db.query(AuditEvent).filter(AuditEvent.tag.like("project:role:%")).order_by(AuditEvent.id)
        told = [(one.tag, one.actor, one.details) for one in events][1:]
    assert told == [
        ("project:role:add", "ada", {"role_name": "Maintainer", "target_user": "bob"}),
        (
            "project:role:change",
            "ada",
            {"old_role_name": "Maintainer", "role_name": "Owner", "target_user": "bob"},
        ),
        ("project:role:remove", "ada", {"role_name": "Owner", "target_user": "bob"}),
    ]


def test_whoever_gets_or_loses_a_role_finds_it_in_the_history_of_their_account(demo):
    for role in (MAINTAINER, OWNER):
        give(demo, demo.bob, role, actor=demo.actor(demo.ada))
    take(demo, demo.bob, actor=demo.actor(demo.ada))
    with demo.work() as work:
        query = select(AuditEvent).where(AuditEvent.subject == f"account:{demo.bob.id}").order_by(AuditEvent.id)
        told = [(one.tag, one.actor, one.details) for one in work.db.scalars(query)]
    assert [one for one in told if one[0].startswith("account:role:")] == [
        ("account:role:add", "ada", {"project_name": "demo", "role_name": "Maintainer"}),
        ("account:role:change", "ada", {"project_name": "demo", "role_name": "Owner"}),
        ("account:role:remove", "ada", {"project_name": "demo", "role_name": "Owner"}),
    ]


def test_people_are_listed_owners_first_then_by_name(demo):
    for name, role in (("Zoe", OWNER), ("Cleo", MAINTAINER), ("abe", MAINTAINER)):
        give(demo, demo.user(name), role)
    assert people(demo) == [("ada", "Owner"), ("Zoe", "Owner"), ("abe", "Maintainer"), ("Cleo", "Maintainer")]


@pytest.mark.parametrize("by", ["an owner", "an operator"])
def test_the_last_owner_stays_one(demo, by):
    actor = OPERATOR if by == "an operator" else demo.actor(demo.ada)
    give(demo, demo.bob, MAINTAINER)
    sentence = "ada is the last owner of demo; give somebody else the role first."
    with pytest.raises(Conflict) as refusal:
        take(demo, demo.ada, actor=actor)
    assert refusal.value.sentence == sentence
    with pytest.raises(Conflict) as refusal:
        give(demo, demo.ada, MAINTAINER, actor=actor)
    assert refusal.value.sentence == sentence
    give(demo, demo.bob, OWNER)
    take(demo, demo.ada, actor=actor)
    assert people(demo) == [("bob", "Owner")]


def test_of_two_owners_who_leave_at_the_same_time_one_stays(demo):
    give(demo, demo.bob)
    outcomes: list[str] = []

    def leave(user: User) -> None:
        try:
            take(demo, user)
            outcomes.append("left")
        except Conflict as refusal:
            outcomes.append(refusal.code)

    with demo.work() as work:
        take_role(work, find_project(work, "demo"), demo.ada)
        work.db.flush()
        other = threading.Thread(target=leave, args=(demo.bob,))
        other.start()
        wait_until_one_waits(demo)
        assert outcomes == []
    other.join(20)
    assert outcomes == ["last_owner"]
    assert people(demo) == [("bob", "Owner")]


def test_an_owner_who_is_removed_meanwhile_removes_nobody_any_more(demo):
    give(demo, demo.bob)
    give(demo, demo.user("cleo"))
    outcomes: list[str] = []

    def strike_back() -> None:
        try:
            take(demo, demo.ada, actor=demo.actor(demo.bob))
            outcomes.append("struck")
        except NotAllowed as refusal:
            outcomes.append(refusal.code)

    with demo.work(demo.actor(demo.ada)) as work:
        take_role(work, find_project(work, "demo"), demo.bob)
        work.db.flush()
        other = threading.Thread(target=strike_back)
        other.start()
        wait_until_one_waits(demo)
    other.join(20)
    assert outcomes == ["not_allowed"]
    assert people(demo) == [("ada", "Owner"), ("cleo", "Owner")]


def wait_until_one_waits(index: Index) -> None:
    """Until a transaction stands in line behind another one's lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 15
    while True:
        with index.tools.database.connection() as connection:
            found = connection.execute(query).fetchone()
            connection.rollback()
        assert found is not None
        if found[0]:
            return
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


def test_somebody_without_a_role_has_none_to_lose(demo):
    with pytest.raises(NotFound) as refusal:
        take(demo, demo.bob)
    assert refusal.value.sentence == "bob has no role in demo. 'warehouse role list demo' shows who has one."


def test_maintainers_and_strangers_give_no_roles(demo):
    eve = demo.user("eve")
    give(demo, demo.bob, MAINTAINER)
    for actor in (demo.actor(demo.bob), demo.actor(eve)):
        with pytest.raises(NotAllowed, match="isn't allowed to manage the people of project 'demo'"):
            give(demo, eve, actor=actor)
        with pytest.raises(NotAllowed):
            take(demo, demo.ada, actor=actor)
    assert people(demo) == [("ada", "Owner"), ("bob", "Maintainer")]


def test_an_owners_token_gives_no_roles(demo):
    token = Credential(uuid4(), (), datetime.now(UTC))
    with pytest.raises(NotAllowed, match="An API token can't be used to manage the people of"):
        give(demo, demo.bob, actor=replace(demo.actor(demo.ada), credential=token))


def test_in_quarantine_only_those_who_run_the_index_give_roles(demo):
    demo.change_project("demo", status=ProjectStatus.QUARANTINED.value)
    with pytest.raises(NotAllowed):
        give(demo, demo.bob, actor=demo.actor(demo.ada))
    give(demo, demo.bob, actor=OPERATOR)
    assert people(demo) == [("ada", "Owner"), ("bob", "Owner")]


def test_a_project_is_given_to_somebody_only_when_nobody_owns_it(demo):
    with demo.work() as work:
        assert not give_if_ownerless(work, find_project(work, "demo"), demo.bob)
        work.db.connection().exec_driver_sql("UPDATE roles SET role_name = 'Maintainer'")
    with demo.work() as work:
        assert give_if_ownerless(work, find_project(work, "demo"), demo.ada)
    assert people(demo) == [("ada", "Owner")]


def test_an_upload_to_a_project_without_an_owner_is_sent_to_the_operator(demo):
    with demo.work() as work:
        work.db.connection().exec_driver_sql("DELETE FROM roles")
    refused = demo.upload(wheel("demo", "1.1"), by=demo.ada)
    assert refused.status == 403
    assert refused.reason == (
        "The user 'ada' isn't allowed to upload to project 'demo'. "
        "It has no owner: an operator can give it one with 'warehouse role add'."
    )
