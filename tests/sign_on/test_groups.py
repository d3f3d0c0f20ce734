"""Roles by groups: they come and go with the group, and what people gave stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from tests.builders import wheel
from warehouse.domain.accounts import User, UserSession
from warehouse.domain.packaging import RoleName
from warehouse.errors import NotAllowed
from warehouse.operations.moderating_people import StaffRole, appoint
from warehouse.operations.projects import find_project
from warehouse.operations.roles import collaborators, give_role, take_role

ROLES = {
    "admins": "administrator",
    "mods": ["moderator"],
    "data": ["project:Demo:Maintainer"],
    "leads": ["project:demo:Owner", "moderator"],
}


@pytest.fixture
def way(trip):
    made = trip(roles=ROLES)
    bob = made.index.user("bob")
    assert made.index.upload(wheel("demo", "1.0"), by=bob).status == 200
    return made


def people(way, project: str = "demo") -> list[tuple[str, str]]:
    with way.index.work() as work:
        return collaborators(work.db, find_project(work, project))


def staff(way, username: str = "ada") -> tuple[bool, bool]:
    with way.index.work() as work:
        user = work.db.scalars(select(User).where(User.username == username)).one()
        return user.is_administrator, user.is_moderator


def test_a_group_gives_its_roles_and_takes_them_away(way):
    way.make(groups=["staff", "leads"])
    assert staff(way) == (False, True)
    assert people(way) == [("ada", "Owner"), ("bob", "Owner")]
    way.make(groups=["staff"])
    assert staff(way) == (False, False)
    assert people(way) == [("bob", "Owner")]
    assert way.index.journal()[-2:] == ["add Owner ada", "remove Owner ada"]


def test_coming_again_with_the_same_groups_changes_nothing(way):
    way.make(groups=["leads"])
    before = way.index.journal()
    way.make(groups=["leads"])
    assert way.index.journal() == before


def test_of_two_roles_in_one_project_the_greater_counts(way):
    way.make(groups=["data", "leads"])
    assert people(way)[0] == ("ada", "Owner")
    way.make(groups=["data"])
    assert people(way) == [("bob", "Owner"), ("ada", "Maintainer")]


def test_what_people_gave_stays(way):
    way.make(groups=[])
    with way.index.work() as work:
        ada = work.db.scalars(select(User).where(User.username == "ada")).one()
        give_role(work, find_project(work, "demo"), ada, RoleName.OWNER)
        appoint(work, ada, StaffRole.MODERATOR)
    way.make(groups=["leads", "data"])
    way.make(groups=[])
    assert people(way)[0] == ("ada", "Owner")
    assert staff(way) == (False, True)


def test_a_lesser_role_that_people_gave_comes_back(way):
    way.make(groups=[])
    with way.index.work() as work:
        ada = work.db.scalars(select(User).where(User.username == "ada")).one()
        give_role(work, find_project(work, "demo"), ada, RoleName.MAINTAINER)
    way.make(groups=["leads"])
    assert people(way)[0] == ("ada", "Owner")
    way.make(groups=[])
    assert people(way) == [("bob", "Owner"), ("ada", "Maintainer")]


def test_a_role_that_people_changed_since_is_theirs(way):
    way.make(groups=["data"])
    with way.index.work() as work:
        ada = work.db.scalars(select(User).where(User.username == "ada")).one()
        give_role(work, find_project(work, "demo"), ada, RoleName.OWNER)
    way.make(groups=[])
    assert people(way)[0] == ("ada", "Owner")


def test_a_project_may_be_left_without_an_owner_rather_than_with_one_who_left(way):
    way.make(groups=["leads"])
    with way.index.work() as work:
        bob = work.db.scalars(select(User).where(User.username == "bob")).one()
        take_role(work, find_project(work, "demo"), bob)
    way.make(groups=[])
    assert people(way) == []


def test_a_project_that_does_not_exist_yet_is_for_another_time(trip):
    way = trip(roles={"data": "project:later:Owner"})
    way.make(groups=["data"])
    way.index.upload(wheel("later", "1.0"), by=way.index.user("bob"))
    way.make(groups=["data"])
    assert people(way, "later")[0] == ("ada", "Owner")


def test_the_last_administrator_stays_one(way):
    way.make(groups=["admins"])
    way.make(groups=[])
    assert staff(way) == (True, False)
    with way.index.work() as work:
        bob = work.db.scalars(select(User).where(User.username == "bob")).one()
        appoint(work, bob, StaffRole.ADMINISTRATOR)
    way.make(groups=[])
    assert staff(way) == (False, False)


def test_a_mirror_leaves_its_projects_to_the_origin(way):
    way.make(groups=["data"])
    with way.index.work() as work:
        work.db.execute(text("INSERT INTO mirror (origin) VALUES ('https://packages.example.org/')"))
    before = way.index.journal()
    way.make(groups=["mods", "leads"])
    assert staff(way) == (False, True)
    way.make(groups=[])
    assert way.index.journal() == before


def test_only_members_of_the_allowed_groups_come_in(trip):
    way = trip(allowed_groups=["staff"])
    arrived = way.make(groups=["guests"])
    assert arrived.user is None and "Your groups at Corp" in arrived.sentence
    assert way.users() == [] and way.associations() == []
    assert way.make(groups=["guests", "staff"]).user is not None


def test_who_left_the_allowed_groups_loses_their_roles_and_stays_out(trip):
    way = trip(allowed_groups=["staff"], roles={"mods": "moderator"})
    way.make(groups=["staff", "mods"])
    assert staff(way) == (False, True)
    way.signed_in("ada")
    assert way.make(groups=["mods"]).user is None
    assert staff(way) == (False, False)
    with way.index.work() as work:
        assert work.db.scalars(select(UserSession)).all() == []


@pytest.mark.parametrize("groups", [None, 5, {"staff": True}, [["staff"]], ["STAFF"], ["staff "], []])
def test_what_is_no_group_of_that_name_is_none(trip, groups):
    way = trip(allowed_groups=["staff"])
    assert way.make(groups=groups).user is None


def test_groups_may_be_one_text_or_lie_inside_another_claim(trip):
    assert trip(allowed_groups=["staff"]).make(groups="staff").user is not None
    way = trip(allowed_groups=["staff"], groups_claim="realm_access.roles")
    assert way.make(realm_access={"roles": ["staff"]}).user is not None
    assert way.make(realm_access=["staff"]).user is None
    way = trip(allowed_groups=["staff"], groups_claim="https://corp.example/groups")
    assert way.make(**{"https://corp.example/groups": ["staff"]}).user is not None


def test_groups_that_are_too_many_to_be_told_are_not_taken_for_none(trip):
    """Entra ID leaves groups out beyond two hundred, and says where to ask."""
    way = trip(roles=ROLES)
    way.make(groups=["mods"])
    del way.local.person["groups"]
    with pytest.raises(NotAllowed, match="too many of them"):
        way.make(_claim_names={"groups": "src1"}, _claim_sources={"src1": {"endpoint": "https://graph.example"}})
    assert staff(way) == (False, True)


def test_without_groups_in_the_settings_nobody_minds(trip):
    way = trip()
    del way.local.person["groups"]
    assert way.make(_claim_names={"groups": "src1"}).user is not None
