"""Deleting somebody's account, as staff do it."""

from __future__ import annotations

import orjson
import pytest

from tests.builders import wheel
from tests.index import JSON
from tests.staff.people import do, history, user
from warehouse.domain.accounts import user_named
from warehouse.domain.accounts.admission import is_prohibited_username
from warehouse.domain.packaging import ProjectStatus, RoleName
from warehouse.errors import Conflict, NotAllowed, NotFound
from warehouse.operations.prohibitions import prohibit_username, prohibited_usernames
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.removing_people import remove_user
from warehouse.operations.roles import give_role


def is_there(index, name):
    with index.work() as work:
        return user_named(work.db, name) is not None


def prohibited(index):
    with index.work() as work:
        return [(one.name, one.comment) for one in prohibited_usernames(work)]


def projects(index):
    return [project["name"] for project in orjson.loads(index.get("/simple/", accept=JSON).body)["projects"]]


def test_the_name_of_a_deleted_account_cannot_be_registered(index, root, ada):
    do(index, remove_user, "ada", by=root)
    assert not is_there(index, "ada")
    assert prohibited(index) == [("ada", "deleted by staff")]
    with index.work() as work:
        assert is_prohibited_username(work.db, "Ada")


def test_nobody_is_asked_by_mail_whether_it_was_they_whom_staff_deletes(index, root, ada):
    do(index, remove_user, "ada", by=root)
    assert history(index, "account:delete") == [("account:delete", {})]
    assert history(index, "account:email:sent") == []


def test_a_name_that_is_prohibited_already_stays_so(index, ada):
    with index.work() as work:
        prohibit_username(work, "ada", comment="known")
    do(index, remove_user, "ada")
    assert prohibited(index) == [("ada", "known")]


@pytest.fixture
def busy(index, ada):
    """Ada owns one project alone and one with bob, and maintains a third."""
    bob = index.user("bob")
    for name, owner in (("alone", ada), ("shared", ada), ("bobs", bob), ("other", bob)):
        index.upload(wheel(name, "1.0"), by=owner)
    with index.work() as work:
        give_role(work, find_project(work, "shared"), bob, RoleName.OWNER)
        give_role(work, find_project(work, "bobs"), ada, RoleName.MAINTAINER)
    return index


def test_an_only_owner_stays_and_nothing_is_changed(busy):
    with pytest.raises(Conflict, match="only owner of alone"):
        do(busy, remove_user, "ada")
    assert is_there(busy, "ada")
    assert prohibited(busy) == []
    assert projects(busy) == ["alone", "bobs", "other", "shared"]


def test_with_projects_all_in_which_they_have_a_role_go(busy):
    assert do(busy, remove_user, "ada", with_projects=True) == ["alone", "bobs", "shared"]
    assert not is_there(busy, "ada")
    assert projects(busy) == ["other"]
    assert busy.journal()[-3:] == ["remove project"] * 3
    assert not user(busy, "bob").is_frozen


def test_projects_in_quarantine_go_as_well(busy):
    with busy.work() as work:
        set_project_status(work, find_project(work, "alone"), ProjectStatus.QUARANTINED)
    do(busy, remove_user, "ada", with_projects=True)
    with busy.work() as work, pytest.raises(NotFound):
        find_project(work, "alone")


def test_the_last_administrator_stays(index, root):
    with pytest.raises(Conflict, match="last administrator"):
        do(index, remove_user, "root")
    assert (is_there(index, "root"), prohibited(index)) == (True, [])


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_only_those_who_run_the_index_delete_others(busy, ada, name):
    with pytest.raises(NotAllowed):
        do(busy, remove_user, name, by=ada)
    assert is_there(busy, name)
    assert [tag for tag, _ in history(busy, "account:delete")] == []
