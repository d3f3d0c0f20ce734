"""Inviting people, and coming with an invitation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.account.people import Door, applicant, door
from warehouse.domain.accounts import Invitation, User
from warehouse.domain.audit import AuditEvent
from warehouse.errors import Conflict, Invalid, Mistakes, NotAllowed, NotFound
from warehouse.operations.deletion import delete_account
from warehouse.operations.invitations import (
    find_invitation,
    invitation_of,
    invitations,
    invite,
    revoke_invitation,
)
from warehouse.operations.registration import register
from warehouse.work import OPERATOR


@pytest.fixture
def at(index) -> Door:
    """Where people come by invitation."""
    return door(index, ACCOUNTS__REGISTRATION="invitation")


def invited(at: Door, address: str = "ada@example.com") -> str:
    """Invite, as the operator; the link's token."""
    with at.work(OPERATOR) as work:
        invite(work, address)
    return at.token()


def come(at: Door, token: str, username: str = "ada", **said: str) -> User:
    with at.work() as work:
        return register(work, applicant(username, **said), invitation=invitation_of(work, token))


def test_whoever_is_invited_opens_an_account_whose_address_is_verified(at):
    token = invited(at)
    assert at.sent() == [("ada@example.com", "You are invited")]
    come(at, token, email="somebody@else.example")
    assert at.emails() == {"ada@example.com": "primary verified"}
    assert len(at.mails()) == 1
    assert at.history() == ["site:invitation:add", "account:create"]
    with at.work() as work:
        event = work.db.scalars(select(AuditEvent).where(AuditEvent.tag == "account:create")).one()
        assert event.details == {"email": "ada@example.com", "invited_by": "operator"}


def test_an_invitation_works_once(at):
    token = invited(at)
    come(at, token)
    with pytest.raises(Invalid, match="was used or taken back"):
        come(at, token, "eve")


def test_an_invitation_goes_with_its_account(at):
    token = invited(at)
    come(at, token)
    with at.work(OPERATOR) as work:
        delete_account(work, work.db.scalars(select(User)).one())
    with at.work(OPERATOR) as work:
        assert list(invitations(work)) == []
    with pytest.raises(Invalid, match="was used or taken back"):
        come(at, token)


def test_of_two_who_use_a_link_at_once_one_gets_in(at):
    token = invited(at)

    def try_it(name: str) -> bool:
        try:
            come(at, token, name)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, ["ada", "bob", "eve", "sam"])) == 1


def test_mistakes_leave_the_invitation_as_it_is(at):
    token = invited(at)
    with pytest.raises(Mistakes) as refused:
        come(at, token, "-", password="short")
    assert set(refused.value.by_field) == {"username", "password"}
    come(at, token)


def test_an_invitation_ends_with_its_time(at):
    token = invited(at)
    at.after = timedelta(days=8)
    with pytest.raises(Invalid, match="used or taken back"):
        come(at, token)


def test_inviting_again_sends_another_link_in_the_place_of_the_one_before(at):
    former, token = invited(at), invited(at, "ADA@example.com")
    with pytest.raises(Invalid):
        come(at, former)
    come(at, token)
    with at.work(OPERATOR) as work:
        assert invitations(work) == []


def test_open_invitations_are_listed_and_can_be_taken_back(at):
    token = invited(at)
    invited(at, "bob@example.com")
    with at.work(OPERATOR) as work:
        assert [one.address for one in invitations(work)] == ["bob@example.com", "ada@example.com"]
        revoke_invitation(work, find_invitation(work, "ADA@example.com"))
    with pytest.raises(Invalid, match="used or taken back"):
        come(at, token)
    with at.work(OPERATOR) as work, pytest.raises(NotFound, match="no open invitation"):
        find_invitation(work, "ada@example.com")
    assert at.history() == ["site:invitation:add", "site:invitation:add", "site:invitation:remove"]


def test_an_administrator_is_named_in_the_invitation_and_others_cannot_invite(at, index):
    root = index.user("root", administrator=True)
    eve = index.user("eve")
    with at.work(index.actor(root)) as work:
        invite(work, "ada@example.com")
    assert "root invites you" in at.mails()[-1]["text"]
    for operation in (lambda work: invite(work, "x@example.com"), invitations, lambda work: find_invitation(work, "a")):
        with at.work(index.actor(eve)) as work, pytest.raises(NotAllowed):
            operation(work)


@pytest.mark.parametrize(("address", "kind"), [("nowhere", Invalid), ("eve@example.com", Conflict)])
def test_only_a_new_address_is_invited(address, kind, at, index):
    index.user("eve")
    with pytest.raises(kind):
        invited(at, address)
    assert at.sent() == []


def test_an_address_that_became_somebodys_meanwhile_is_told(at, index):
    token = invited(at, "eve@example.com")
    index.user("eve")
    with pytest.raises(Mistakes) as refused:
        come(at, token)
    assert refused.value.by_field == {"email": "Another account uses this e-mail address."}


def test_invitations_work_where_everybody_may_register_and_nowhere_where_nobody_may(index):
    open_to_all, closed = door(index), door(index, ACCOUNTS__REGISTRATION="closed")
    with pytest.raises(Conflict, match=r"set accounts\.registration to invitation"):
        invited(closed)
    token = invited(open_to_all)
    with pytest.raises(NotAllowed, match="by those who run this index"):
        come(closed, token)
    come(open_to_all, token)


def test_a_link_that_is_none_is_refused(at):
    for token in ("", "nonsense", "x" * 9999):
        with at.work() as work, pytest.raises(Invalid):
            invitation_of(work, token)
    with at.work() as work:
        assert work.db.scalar(select(Invitation)) is None
