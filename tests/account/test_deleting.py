"""Somebody leaves: what they must hand over first, what goes with them, and what stays without their name."""

from __future__ import annotations

import threading

import pytest

from tests.builders import wheel
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from warehouse.domain.accounts import User
from warehouse.domain.packaging import RoleName
from warehouse.errors import Conflict, NotAllowed
from warehouse.operations.deletion import delete_account, give_to_successor
from warehouse.operations.namespaces import grant_namespace
from warehouse.operations.projects import find_project
from warehouse.operations.roles import give_role
from warehouse.operations.sessions import admit
from warehouse.work import OPERATOR, attempt


@pytest.fixture
def ada(index):
    return index.user("ada", verified=True)


@pytest.fixture
def eve(index):
    return index.user("eve", verified=True)


def delete(index, user, *, by=None):
    with index.work(index.actor(by or user)) as work:
        delete_account(work, work.db.get_one(User, user.id))


def owns(index, user, name, role=RoleName.OWNER):
    with index.work() as work:
        give_role(work, find_project(work, name), work.db.get_one(User, user.id), role)


def do_jobs(index):
    """What the worker would do for the deletion."""
    waiting = run(
        index, "SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%give_to_successor' AND status = 'todo'"
    )
    for (arguments,) in waiting:
        with index.work() as work:
            give_to_successor(work, **{name: arguments[name] for name in ("username", "until")})


def told(index):
    return str(run(index, "SELECT e::text FROM audit_events e")) + str(run(index, "SELECT j::text FROM journal j"))


def test_everything_of_the_account_goes_with_it(index, ada):
    token = token_of(index, ada)
    with index.work(index.actor(ada)) as work:
        admit(work, work.db.get_one(User, ada.id), method="password")
    delete(index, ada)
    for table in ("users", "emails", "tokens", "user_sessions", "devices"):
        assert run(index, f"SELECT count(*) FROM {table}") == [(0,)], table
    refused(index, Attempt(wheel("demo", "1.0"), token=token), 403, "Invalid or non-existent authentication")


def test_the_only_owner_of_a_project_stays_until_somebody_else_is(index, ada, eve):
    for name in ("one", "two"):
        accepted(index, Attempt(wheel(name, "1.0"), by=ada))
    owns(index, eve, "two", RoleName.MAINTAINER)
    with pytest.raises(Conflict, match=r"ada is the only owner of one, two\. Give somebody else the role"):
        delete(index, ada)
    owns(index, eve, "two")
    with pytest.raises(Conflict, match=r"ada is the only owner of one\."):
        delete(index, ada)
    owns(index, eve, "one")
    delete(index, ada)
    assert run(index, "SELECT count(*) FROM roles") == [(2,)]
    assert index.filenames("one") == ["one-1.0-py3-none-any.whl"]


def test_many_projects_are_counted_and_the_first_are_named(index, ada):
    run(
        index,
        "INSERT INTO projects (name, normalized_name, lookalike_name) "
        "SELECT 'p' || n, 'p' || n, 'p' || n FROM generate_series(10, 30) n",
    )
    run(index, "INSERT INTO roles (project_id, user_id, role_name) SELECT p.id, u.id, 'Owner' FROM projects p, users u")
    with pytest.raises(Conflict, match=r"only owner of p10, .*, p19 and 11 more\."):
        delete(index, ada)


def test_a_namespace_is_handed_over_first(index_with):
    index = index_with(NAMESPACES__ENABLED="true")
    ada = index.user("ada")
    with index.work() as work:
        grant_namespace(work, "acme", work.db.get_one(User, ada.id))
    with pytest.raises(Conflict, match="ada holds the namespace acme"):
        delete(index, ada)


def test_the_last_administrator_stays(index):
    root = index.user("root", administrator=True)
    with pytest.raises(Conflict, match="root is the last administrator"):
        delete(index, root)


def test_nobody_deletes_somebody_else(index, ada, eve):
    with pytest.raises(NotAllowed):
        delete(index, ada, by=eve)


def test_what_they_did_stays_under_another_name(index, ada, eve):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    owns(index, eve, "demo")
    token_of(index, ada, "demo")
    delete(index, ada)
    do_jobs(index)
    assert run(index, "SELECT DISTINCT submitted_by FROM journal WHERE submitted_by IS NOT NULL") == [("deleted-user",)]
    assert ("deleted-user",) in run(index, "SELECT actor FROM audit_events")
    assert run(index, "SELECT count(*) FROM audit_events WHERE actor = 'ada'") == [(0,)]
    details = "SELECT DISTINCT value FROM audit_events, jsonb_each_text(details) WHERE value = 'ada'"
    assert run(index, details) == []
    assert index.journal()[-1] == "remove Owner ada"


def test_whoever_takes_the_name_later_keeps_what_they_do(index, ada, eve):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    owns(index, eve, "demo")
    delete(index, ada)
    again = index.user("ada")
    accepted(index, Attempt(wheel("other", "1.0"), by=again))
    do_jobs(index)
    found = run(index, "SELECT DISTINCT project, submitted_by FROM journal WHERE submitted_by IS NOT NULL ORDER BY 1")
    assert found == [("demo", "deleted-user"), ("other", "ada")]


@pytest.mark.parametrize("name", ["deleted-user", "Deleted-User", "anonymous", "operator", "system"])
def test_names_by_which_histories_tell_of_nobody_are_nobodys(index, name):
    with pytest.raises(Conflict, match="is taken"):
        index.user(name)


def test_their_history_tells_that_they_left_and_a_mail_is_sent(index, ada):
    delete(index, ada)
    tags = [tag for (tag,) in run(index, "SELECT tag FROM audit_events ORDER BY id DESC LIMIT 2")]
    assert sorted(tags) == ["account:delete", "account:email:sent"]
    ((arguments,),) = run(index, "SELECT args::text FROM procrastinate_jobs WHERE args::text LIKE '%was deleted%'")
    assert "ada@example.com" in arguments


def test_of_two_owners_who_leave_at_the_same_time_one_stays(index, ada, eve):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    owns(index, eve, "demo")
    outcomes: list[str] = []

    def leave(user):
        def leaving(work):
            delete_account(work, work.db.get_one(User, user.id))

        try:
            attempt(index.tools, index.actor(user), leaving)
            outcomes.append("left")
        except Conflict:
            outcomes.append("stayed")

    threads = [threading.Thread(target=leave, args=(user,)) for user in (ada, eve)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stayed"]
    assert run(index, "SELECT role_name FROM roles") == [("Owner",)]


def test_an_operator_deletes_an_account_too(index, ada):
    with index.work(OPERATOR) as work:
        delete_account(work, work.db.get_one(User, ada.id))
    assert run(index, "SELECT count(*) FROM users") == [(0,)]
