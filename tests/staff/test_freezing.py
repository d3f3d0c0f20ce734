"""Shutting people out and letting them in again."""

from __future__ import annotations

import pytest

from tests.builders import wheel
from tests.jobs.test_queue import waiting
from tests.staff.people import do, history, is_signed_in, sign_in, user
from warehouse.domain.accounts import Email
from warehouse.domain.packaging import ProjectStatus, RoleName
from warehouse.errors import NotAllowed
from warehouse.operations.moderating_people import disable_password, freeze, unfreeze
from warehouse.operations.prohibitions import prohibited_domains
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.releases import find_release, quarantine_release
from warehouse.operations.roles import give_role
from warehouse.work import ANONYMOUS


def set_status(index, status, name="demo", actor=None):
    with index.work(actor) if actor else index.work() as work:
        set_project_status(work, find_project(work, name), status)


def test_a_frozen_user_is_signed_out_and_their_tokens_are_worth_nothing(index, ada):
    browser, token = sign_in(index, "ada"), index.token(ada)
    do(index, freeze, "ada")
    assert not is_signed_in(index, browser)
    assert index.upload(wheel("demo", "1.0"), token=token).status == 403
    do(index, unfreeze, "ada")
    assert not is_signed_in(index, browser)
    assert is_signed_in(index, sign_in(index, "ada"))
    assert index.upload(wheel("demo", "1.0"), token=token).status == 200


def test_freezing_and_unfreezing_again_tells_nobody(index, ada):
    for operation in (freeze, freeze, unfreeze, unfreeze):
        do(index, operation, "ada")
    assert history(index, "account:freeze") == [("account:freeze", {})]
    assert history(index, "account:unfreeze") == [("account:unfreeze", {})]


def test_freezing_prohibits_domains_only_when_that_is_said(index, ada):
    def prohibited():
        with index.work() as work:
            return [one.domain for one in prohibited_domains(work)]

    def add(work, found):
        for address, is_verified in (("a@mail.evil.example", True), ("a@other.example", False)):
            found.emails.append(Email(address=address, is_verified=is_verified))

    do(index, add, "ada")
    assert do(index, freeze, "ada") == []
    assert prohibited() == []
    assert do(index, freeze, "ada", prohibit_domains=True) == ["evil.example", "example.com"]
    assert do(index, freeze, "ada", prohibit_domains=True) == []
    assert prohibited() == ["evil.example", "example.com"]


@pytest.mark.parametrize("operation", [freeze, unfreeze, disable_password])
def test_only_those_who_run_the_index_shut_people_out(index, root, ada, operation):
    eve = index.user("eve")
    for actor in (index.actor(eve), index.actor(ada), ANONYMOUS):
        with pytest.raises(NotAllowed), index.work(actor) as work:
            operation(work, work.db.merge(ada, load=False))
    assert not user(index, "ada").is_frozen
    do(index, operation, "ada", by=root)


def test_a_password_that_is_taken_away_ends_sessions_and_voids_tokens(index, ada):
    browser, token = sign_in(index, "ada"), index.token(ada)
    do(index, disable_password, "ada")
    do(index, disable_password, "ada")
    found = user(index, "ada")
    assert (found.password_hash, found.password_disabled_for) == (None, "administrator")
    assert not is_signed_in(index, browser)
    assert index.upload(wheel("demo", "1.0"), token=token).status == 403
    assert history(index, "account:password") == [("account:password:disabled", {"reason": "administrator"})]
    assert [details["kind"] for _, details in history(index, "account:email:sent")] == ["password-reset-by-admin"]


@pytest.mark.parametrize(
    "change", [{}, {"is_moderator": True}, {"is_administrator": True}, {"prohibit_password_reset": True}]
)
def test_the_mail_offers_a_new_password_by_mail_only_to_those_who_get_one(index, root, ada, change):
    def mark(work, found):
        for name, value in change.items():
            setattr(found, name, value)

    do(index, mark, "ada")
    do(index, disable_password, "ada")
    (said,) = (args["text"] for name, args in waiting(index.tools) if name == "send_mail")
    assert ("/account/request-password-reset/" in said) is not bool(change)
    assert ("until an administrator gives you a new one" in " ".join(said.split())) is bool(change)


@pytest.fixture
def demo(index, ada):
    """A project of ada's that bob maintains; carol has nothing to do with it."""
    index.upload(wheel("demo", "1.0"), by=ada)
    bob = index.user("bob")
    index.user("carol")
    with index.work() as work:
        give_role(work, find_project(work, "demo"), bob, RoleName.MAINTAINER)
    return index


def frozen(index):
    return [name for name in ("ada", "bob", "carol") if user(index, name).is_frozen]


def test_the_quarantine_of_a_project_freezes_everybody_with_a_role_in_it(demo):
    browser = sign_in(demo, "bob")
    set_status(demo, ProjectStatus.QUARANTINED)
    assert frozen(demo) == ["ada", "bob"]
    assert not is_signed_in(demo, browser)
    told = ("account:freeze", {"reason": "quarantine of demo"})
    assert history(demo, "account:freeze") == [told, told]


def test_the_end_of_a_quarantine_unfreezes_nobody(demo):
    set_status(demo, ProjectStatus.QUARANTINED)
    do(demo, unfreeze, "bob")
    set_status(demo, ProjectStatus.QUARANTINED)
    assert frozen(demo) == ["ada"], "it was in quarantine already"
    set_status(demo, ProjectStatus.ACTIVE)
    assert frozen(demo) == ["ada"]


def test_a_moderator_freezes_through_a_quarantine_and_in_no_other_way(demo):
    with demo.work() as work:
        moderator = work.db.merge(demo.user("mod"))
        moderator.is_moderator = True
    actor = demo.actor(moderator)
    actor = type(actor)(**{**vars(actor), "is_moderator": True})
    with pytest.raises(NotAllowed), demo.work(actor) as work:
        freeze(work, user(demo, "carol"))
    set_status(demo, ProjectStatus.QUARANTINED, actor=actor)
    assert frozen(demo) == ["ada", "bob"]


def test_the_other_statuses_and_the_quarantine_of_a_release_freeze_nobody(demo):
    for status in (ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED, ProjectStatus.ACTIVE):
        set_status(demo, status)
    with demo.work() as work:
        project = find_project(work, "demo")
        quarantine_release(work, project, find_release(work, project, "1.0"))
    assert frozen(demo) == []
