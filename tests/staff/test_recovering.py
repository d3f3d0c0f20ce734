"""Letting somebody into their account again who lost what they signed in with."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.builders import wheel
from tests.staff.people import do, history, is_signed_in, sign_in, user
from warehouse.domain.accounts import RecoveryCode, SecurityKey, UnverifyReason, has_second_factor
from warehouse.domain.accounts.recoveries import AccountRecovery
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound
from warehouse.operations.recovering import cancel_recovery, complete_recovery, find_recovery, start_recovery

REQUEST = "https://example.org/support/7"


def start(index, name="ada", **details):
    return do(index, start_recovery, name, **{"request_url": REQUEST, **details})


def mails(index):
    """Kind and address of every mail, in order."""
    return [(details["kind"], details["to"]) for _, details in history(index, "account:email:sent")]


def secure(index, name="ada"):
    """Give the user every kind of second factor."""

    def equip(work, found):
        found.totp_secret, found.totp_last_step = b"x" * 20, 7
        work.db.add(SecurityKey(user_id=found.id, label="key", credential_id=b"1", public_key=b"2", sign_count=0))
        work.db.add(RecoveryCode(user_id=found.id, digest=b"3"))

    do(index, equip, name)


def test_a_token_is_mailed_and_nothing_is_changed_yet(index, ada):
    secure(index)
    browser = sign_in(index, "ada")
    recovery = start(index)
    assert re.fullmatch("[A-Za-z0-9]{16}", recovery.token)
    assert mails(index) == [("account-recovery-initiated", "ada@example.com")]
    assert is_signed_in(index, browser)
    assert user(index, "ada").totp_secret is not None
    assert history(index, "account:recovery") == [
        ("account:recovery:start", {"request_url": REQUEST, "project": None})
    ], "the token is in the mail alone"


def test_completing_takes_second_factors_password_and_sessions(index, ada):
    secure(index)
    browser, token = sign_in(index, "ada"), index.token(ada)
    start(index)
    do(index, complete_recovery, "ada")
    found = user(index, "ada")
    assert (found.password_hash, found.password_disabled_for, found.totp_secret) == (None, "administrator", None)
    with index.work() as work:
        assert not has_second_factor(work.db, found.id)
        assert work.db.scalars(select(RecoveryCode.id)).all() == []
    assert not is_signed_in(index, browser)
    assert index.upload(wheel("demo", "1.0"), token=token).status == 403
    assert ("password-reset-by-admin", "ada@example.com") in mails(index)
    with pytest.raises(NotFound):
        do(index, complete_recovery, "ada")


def test_another_address_becomes_the_verified_primary_one_in_the_end(index, ada):
    start(index, address="New@Example.com")
    assert [(email.address, email.is_primary, email.is_verified) for email in user(index, "ada").emails] == [
        ("ada@example.com", True, True),
        ("New@example.com", False, False),
    ]
    do(index, complete_recovery, "ada")
    assert [(email.address, email.is_primary, email.is_verified) for email in user(index, "ada").emails] == [
        ("ada@example.com", False, True),
        ("New@example.com", True, True),
    ]
    assert mails(index) == [
        ("account-recovery-initiated", "New@example.com"),
        ("primary-email-change", "ada@example.com"),
        ("password-reset-by-admin", "New@example.com"),
    ]


def test_what_was_known_against_the_address_is_forgotten(index, ada):
    start(index, address="new@example.com")

    def spoil(work, found):
        email = found.emails[1]
        email.unverify(UnverifyReason.SOFT_BOUNCE)
        email.transient_bounces, email.domain_status, email.domain_checked_at = 6, ["undelegated"], work.now

    do(index, spoil, "ada")
    do(index, complete_recovery, "ada")
    email = user(index, "ada").emails[1]
    assert (email.is_verified, email.unverify_reason, email.transient_bounces) == (True, None, 0)
    assert (email.domain_status, email.domain_checked_at) == (None, None), "else it would be lost again the next night"


def test_an_address_of_one_s_own_that_is_not_verified_will_do(index, ada):
    start(index, address="ADA@example.com")
    do(index, complete_recovery, "ada")
    assert [(email.address, email.is_primary) for email in user(index, "ada").emails] == [("ada@example.com", True)]


def test_an_address_of_somebody_else_is_refused_and_changes_nothing(index, ada):
    index.user("eve")
    with pytest.raises(Conflict, match="Another account uses"):
        start(index, address="eve@example.com")
    assert len(user(index, "ada").emails) == 1
    with pytest.raises(NotFound):
        do(index, find_recovery, "ada")


def test_an_address_that_was_removed_meanwhile_and_taken_by_somebody_is_not_taken_from_them(index, ada):
    start(index, address="new@example.com")
    with index.work() as work:
        found = work.db.merge(user(index, "ada"))
        found.emails.remove(found.emails[1])
    index.user("new")
    with pytest.raises(Conflict, match="belongs to another account"):
        do(index, complete_recovery, "ada")
    assert user(index, "ada").password_hash is not None
    assert user(index, "new").emails[0].address == "new@example.com"


def test_one_goes_on_at_a_time_and_can_be_cancelled(index, ada):
    first = start(index)
    with pytest.raises(Conflict, match="already"):
        start(index)
    do(index, cancel_recovery, "ada")
    with pytest.raises(NotFound):
        do(index, complete_recovery, "ada")
    assert start(index).token != first.token
    with index.work() as work:
        assert work.db.scalars(select(AccountRecovery.outcome).order_by(AccountRecovery.started_at)).all() == [
            "cancelled",
            None,
        ]
    assert user(index, "ada").password_hash is not None


SOURCES = ["Source, https://git.example.org/demo"]


@pytest.mark.parametrize(
    "links",
    [
        {"project_urls": SOURCES},
        {"home_page": "https://github.com/ada/demo"},
        {"project_urls": ["Somewhere, https://www.gitlab.com/ada/demo"]},
    ],
)
def test_whose_project_says_where_its_sources_are_publishes_the_token_there(index, ada, links):
    index.upload(wheel("Demo", "1.0"), by=ada, **links)
    index.upload(wheel("other", "1.0"), by=ada, home_page="https://example.org/")
    for project in (None, "other", "nothing", ""):
        with pytest.raises(Invalid, match=r"where their sources are: Demo\."):
            start(index, project=project)
    assert start(index, project="DEMO").project == "Demo"


def test_without_sources_no_project_can_be_chosen(index, ada):
    index.upload(wheel("demo", "1.0"), by=ada)
    index.upload(wheel("eves", "1.0"), by=index.user("eve"), project_urls=SOURCES)
    for project in ("demo", "eves"):
        with pytest.raises(Invalid, match="none"):
            start(index, project=project)
    assert start(index).project is None


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://example.org/", "https://x/\ny", "https:", f"https://x/{'a' * 400}", "\0"]
)
def test_what_is_no_address_of_a_request_is_refused(index, ada, url):
    with pytest.raises(Invalid):
        start(index, request_url=url)


@pytest.mark.parametrize(
    ("operation", "details"),
    [
        (start_recovery, {"request_url": REQUEST}),
        (find_recovery, {}),
        (cancel_recovery, {}),
        (complete_recovery, {}),
    ],
)
def test_nobody_recovers_their_own_account_or_another_s(index, ada, operation, details):
    eve = index.user("eve")
    for by in (ada, eve):
        with pytest.raises(NotAllowed):
            do(index, operation, "ada", by=by, **details)
