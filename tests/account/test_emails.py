"""The addresses of an account: adding, verifying, choosing, replacing and removing them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.account.people import Door, door
from warehouse.domain.accounts import Email, UnverifyReason, User, user_named
from warehouse.domain.audit import AuditEvent
from warehouse.domain.packaging import Project, Role
from warehouse.domain.site.rates import RateWindow
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from warehouse.infra.domains import MailDomain
from warehouse.operations import emails
from warehouse.operations.links import Purpose, sign
from warehouse.work import OPERATOR

ADDED = "account:email:add"


@pytest.fixture
def at(index) -> Door:
    """Where ada has a verified address."""
    index.user("ada", verified=True)
    return door(index, LIMITS__NEW_EMAILS_PER_ADDRESS="100 per day", LIMITS__VERIFICATIONS_PER_USER="100 per day")


def add(at: Door, text: str, name: str = "ada") -> None:
    with at.as_user(name) as (work, user):
        emails.add_email(work, user, text)


def verify(at: Door, token: str | None = None, name: str = "ada") -> None:
    with at.as_user(name) as (work, user):
        emails.verify_email(work, user, at.token() if token is None else token)


def change(at: Door, operation, *values, name: str = "ada") -> None:
    with at.as_user(name) as (work, user):
        operation(work, user, *values)


def unverify(at: Door, address: str, reason: UnverifyReason = UnverifyReason.HARD_BOUNCE) -> None:
    with at.work(OPERATOR) as work:
        emails.unverify_email(work, work.db.scalars(select(Email).where(Email.address == address)).one(), reason)


def test_an_address_is_added_and_those_that_are_verified_hear_of_it(at):
    add(at, "ada@work.example")
    add(at, "ada@home.example")
    assert at.emails() == {"ada@example.com": "primary verified", "ada@work.example": "", "ada@home.example": ""}
    assert at.sent() == [
        ("ada@work.example", "Verify your e-mail address"),
        ("ada@example.com", "An e-mail address was added to your account"),
        ("ada@home.example", "Verify your e-mail address"),
        ("ada@example.com", "An e-mail address was added to your account"),
    ]
    assert at.history("account:email") == [ADDED, ADDED]


@pytest.mark.parametrize(
    "text", ["nowhere", "bob@example.com", "BOB@example.com", "ada@example.com", "x@nomail.example"]
)
def test_what_nobody_could_register_with_cannot_be_added_either(text, index):
    index.user("ada", verified=True)
    index.user("bob")
    at = door(index, {"nomail.example": MailDomain(takes_mail=False)})
    with pytest.raises((Invalid, Conflict)):
        add(at, text)
    assert at.emails() == {"ada@example.com": "primary verified"}
    assert at.sent() == []


def test_a_link_that_comes_back_verifies_its_address_once(at):
    add(at, "ada@work.example")
    token = next(mail["text"] for mail in at.mails() if mail["to"] == "ada@work.example")
    token = token.partition("token=")[2].split()[0]
    verify(at, token)
    assert at.emails()["ada@work.example"] == "verified"
    assert at.history("account:email") == [ADDED, "account:email:verified"]
    with pytest.raises(Conflict, match="verified already"):
        verify(at, token)


@pytest.fixture
def unverified(index) -> Door:
    """Where ada has registered, and not looked at her mail."""
    at = door(index)
    at.register("ada")
    return at


@pytest.mark.parametrize("address", ["ada@bücher.example", "ädä@example.net"])
def test_an_address_in_any_script_is_verified_like_others(at, address):
    add(at, address)
    verify(at, next(mail["text"] for mail in at.mails() if mail["to"] == address).partition("token=")[2].split()[0])
    assert at.emails()[address] == "verified"


def test_verifying_clears_what_went_wrong_before_and_both_limits(unverified):
    with unverified.work() as work:
        email = work.db.scalars(select(Email)).one()
        email.transient_bounces, email.domain_status, email.domain_checked_at = 4, ["active"], work.now
        assert work.db.scalar(select(func.count()).select_from(RateWindow)) == 2
    verify(unverified)
    with unverified.work() as work:
        email = work.db.scalars(select(Email)).one()
        assert (email.transient_bounces, email.domain_status, email.domain_checked_at) == (0, None, None)
        assert work.db.scalar(select(func.count()).select_from(RateWindow)) == 0
    assert unverified.emails() == {"ada@example.com": "primary verified"}


@pytest.mark.parametrize(
    ("purpose", "payload", "code"),
    [
        (Purpose.PASSWORD, {"action": "email-verify"}, "link_invalid"),
        (Purpose.EMAIL, {"action": "email-project-role-verify"}, "link_invalid"),
        (Purpose.EMAIL, {"action": "email-verify"}, "link_foreign"),
        (Purpose.EMAIL, {"action": "email-verify", "email": "0"}, "link_foreign"),
        (Purpose.EMAIL, {"action": "email-verify", "email": "OURS"}, "link_invalid"),
    ],
)
def test_a_link_for_something_else_verifies_nothing(purpose, payload, code, unverified):
    known = {"email": unverified.email_id("ada@example.com")} if payload.get("email") == "OURS" else {}
    token = sign(unverified.index.tools.secret, purpose, **{**payload, **known})
    with pytest.raises(Invalid) as refused:
        verify(unverified, token)
    assert refused.value.code == code
    assert unverified.emails() == {"ada@example.com": "primary"}


@pytest.mark.parametrize(("token", "code"), [("", "link_missing"), ("x", "link_invalid"), ("x" * 9999, "link_invalid")])
def test_what_is_no_link_verifies_nothing(token, code, unverified):
    with pytest.raises(Invalid) as refused:
        verify(unverified, token)
    assert refused.value.code == code


def test_somebody_elses_link_verifies_nothing(unverified):
    token = unverified.token()
    unverified.register("eve", email="eve@example.com")
    with pytest.raises(Invalid, match="belongs to another account"):
        verify(unverified, token, name="eve")


def test_a_link_from_before_mail_to_the_address_failed_does_not_verify_it_again(unverified):
    token = unverified.token()
    verify(unverified, token)
    unverify(unverified, "ada@example.com")
    with pytest.raises(Invalid, match="from before mail to the address failed"):
        verify(unverified, token)
    change(unverified, emails.send_verification, unverified.email_id("ada@example.com"))
    verify(unverified)
    assert unverified.emails() == {"ada@example.com": "primary verified"}


def test_a_link_is_sent_again_three_times_in_six_hours(unverified):
    email_id = unverified.email_id("ada@example.com")
    for _ in range(2):  # after the one at registration
        change(unverified, emails.send_verification, email_id)
    with pytest.raises(TooMany, match="Too many verification mails"):
        change(unverified, emails.send_verification, email_id)
    assert len(unverified.mails()) == 3
    assert unverified.history("account:email") == ["account:email:reverify"] * 2
    unverified.after = timedelta(hours=12)
    change(unverified, emails.send_verification, email_id)


def test_what_is_verified_needs_no_link(at):
    with pytest.raises(Conflict, match="verified already"):
        change(at, emails.send_verification, at.email_id("ada@example.com"))


def verified_too(at: Door, address: str) -> int:
    add(at, address)
    with at.work() as work:
        work.db.scalars(select(Email).where(Email.address == address)).one().is_verified = True
    return at.email_id(address)


def test_another_verified_address_becomes_the_primary_one_and_the_former_hears_of_it(at):
    email_id = verified_too(at, "ada@work.example")
    before = len(at.sent())
    change(at, emails.make_primary, email_id)
    change(at, emails.make_primary, email_id)
    assert at.emails() == {"ada@example.com": "verified", "ada@work.example": "primary verified"}
    assert at.sent()[before:] == [("ada@example.com", "Your primary e-mail address was changed")]
    assert at.history("account:email")[1:] == ["account:email:primary:change"]


def test_an_unverified_address_does_not_become_the_primary_one(at):
    add(at, "ada@work.example")
    with pytest.raises(Invalid, match="Verify it first"):
        change(at, emails.make_primary, at.email_id("ada@work.example"))


def test_where_second_factors_are_asked_for_only_who_has_one_changes_the_primary_address(at, index):
    email_id = verified_too(at, "ada@work.example")
    strict = door(index, ACCESS__REQUIRE_SECOND_FACTOR="true")
    with pytest.raises(NotAllowed, match="Set up two-factor authentication"):
        change(strict, emails.make_primary, email_id)
    with at.work() as work:
        user_named(work.db, "ada").totp_secret = b"x" * 20
    change(strict, emails.make_primary, email_id)
    assert at.emails()["ada@work.example"] == "primary verified"


def test_an_address_is_removed_unless_it_is_the_primary_one(at):
    add(at, "ada@work.example")
    change(at, emails.remove_email, at.email_id("ada@work.example"))
    assert at.emails() == {"ada@example.com": "primary verified"}
    assert at.history("account:email") == [ADDED, "account:email:remove"]
    with pytest.raises(Conflict, match="The primary address stays"):
        change(at, emails.remove_email, at.email_id("ada@example.com"))


def test_an_address_is_not_removed_while_it_becomes_the_primary_one(at):
    email_id = verified_too(at, "ada@work.example")

    def one_of_both(operation) -> bool:
        try:
            change(at, operation, email_id)
        except (Conflict, NotFound):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(one_of_both, [emails.make_primary, emails.remove_email]))
    assert sorted(done) == [False, True]
    assert sum("primary" in what for what in at.emails().values()) == 1


@pytest.mark.parametrize("operation", [emails.remove_email, emails.make_primary, emails.send_verification])
def test_nobody_reaches_another_ones_addresses(operation, at, index):
    index.user("eve")
    email_id = at.email_id("eve@example.com")
    with pytest.raises(NotFound):
        change(at, operation, email_id)
    with at.work() as work, pytest.raises(NotAllowed):
        operation(work, work.db.scalars(select(User).where(User.username == "eve")).one(), email_id)


def test_an_account_has_at_most_twenty_addresses(at):
    for number in range(19):
        add(at, f"ada@host{number}.example")
    with pytest.raises(Conflict, match="at most 20 addresses"):
        add(at, "ada@one-more.example")


def replace(at: Door, text: str) -> None:
    change(at, emails.replace_email, text)


def test_a_mistyped_address_is_replaced_while_nothing_depends_on_it(unverified):
    replace(unverified, "ada@right.example")
    assert unverified.emails() == {"ada@right.example": "primary"}
    assert [to for to, _ in unverified.sent()] == ["ada@example.com", "ada@right.example"]
    assert unverified.history("account:email") == [ADDED, "account:email:primary:change", "account:email:remove"]
    verify(unverified)
    assert unverified.emails() == {"ada@right.example": "primary verified"}


@pytest.mark.parametrize("what", ["verified", "second factor", "project"])
def test_an_address_that_something_depends_on_is_not_replaced(what, unverified):
    with unverified.work() as work:
        user = work.db.scalars(select(User)).one()
        if what == "verified":
            user.emails[0].is_verified = True
        elif what == "second factor":
            user.totp_secret = b"x" * 20
        else:
            project = Project(name="demo", normalized_name="demo", lookalike_name="dem0")
            work.db.add(project)
            work.db.flush()
            work.db.add(Role(project_id=project.id, user_id=user.id, role_name="Owner"))
    with pytest.raises(NotAllowed, match="cannot be replaced"):
        replace(unverified, "ada@right.example")
    assert list(unverified.emails()) == ["ada@example.com"]


def test_every_attempt_to_replace_an_address_counts_whatever_becomes_of_it(unverified):
    for _ in range(5):
        with pytest.raises(Invalid):
            replace(unverified, "nowhere")
    with pytest.raises(TooMany, match="The address was changed too often"):
        replace(unverified, "ada@right.example")


def test_the_networks_limit_is_asked_before_the_accounts_own_is_used(unverified):
    unverified.register("bob")
    with pytest.raises(TooMany, match="from your network"):
        replace(unverified, "ada@right.example")
    with unverified.work() as work:
        assert not [key for key in work.db.scalars(select(RateWindow.key)) if key.startswith("email.change")]


def test_an_address_that_mail_does_not_reach_is_no_longer_verified_nor_shown(at):
    with at.work() as work:
        work.db.scalars(select(Email)).one().is_public = True
    unverify(at, "ada@example.com", UnverifyReason.SPAM_COMPLAINT)
    unverify(at, "ada@example.com", UnverifyReason.HARD_BOUNCE)
    assert at.emails() == {"ada@example.com": "primary"}
    with at.work() as work:
        [event] = work.db.scalars(select(AuditEvent).where(AuditEvent.tag == "account:email:unverified"))
        assert event.details["reason"] == "spam complaint"
        assert work.db.scalars(select(Email)).one().unverify_reason == "hard bounce"
