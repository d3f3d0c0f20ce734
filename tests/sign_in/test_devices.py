"""Signing in with a code from a network address that the account was never used from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import MakeIndex
from tests.sign_in.conftest import CAFE, HOME, Account, MakeAccount
from warehouse.domain.accounts import UserSession
from warehouse.errors import Invalid
from warehouse.operations import devices
from warehouse.operations.sign_in import Finished, finish

WAITS = Finished("/account/confirm-login/")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(account: MakeAccount, index_with: MakeIndex) -> Account:
    return account(on=index_with(ACCOUNTS__CONFIRM_NEW_DEVICES="yes", SITE__URL="https://index.example"))


def sign_in(ada: Account, method: str = "totp", *, at: str | None = HOME, after: timedelta = timedelta()) -> Finished:
    with ada.work(at=at, after=after) as (work, user):
        return finish(work, user, method=method)


def confirm(ada: Account, token: str, *, at: str | None = HOME, after: timedelta = timedelta()) -> None:
    with ada.work(at=at, after=after) as (work, _):
        user = devices.confirmed_by(work, token)
        finish(work, user, method="email-confirmation")


@pytest.mark.parametrize("method", ["totp", "recovery-code"])
def test_a_code_from_an_unknown_address_is_not_enough(ada: Account, method: str) -> None:
    assert sign_in(ada, method) == WAITS
    assert ada.history("account:login") == ["account:login:new_device"]
    (mail,) = ada.mails()
    assert mail["to"] == "ada@example.com"
    assert "https://index.example/account/confirm-login/?token=" in mail["text"]
    assert HOME in mail["text"] and "Firefox" in mail["text"]
    with ada.work() as (work, user):
        assert work.db.query(UserSession).count() == 0 and user.last_login_at is None


@pytest.mark.parametrize("method", ["password", "webauthn", "remembered-device", "registration", "sso:corp"])
def test_what_nobody_can_be_talked_out_of_makes_an_address_known(ada: Account, method: str) -> None:
    finished = sign_in(ada, method)
    assert finished.secret is not None and finished.location == "/manage/projects/"
    assert sign_in(ada, "totp").secret is not None
    assert sign_in(ada, "totp", at=CAFE) == WAITS
    assert len(ada.mails()) == 1


def test_the_link_signs_in_and_makes_the_address_known_for_good(ada: Account) -> None:
    sign_in(ada)
    confirm(ada, ada.link())
    assert ada.history("account:login") == ["account:login:new_device", "account:login:success"]
    assert sign_in(ada, after=timedelta(days=2000)).secret is not None
    assert len(ada.mails()) == 1


def test_the_link_works_once(ada: Account) -> None:
    sign_in(ada)
    confirm(ada, ada.link())
    with pytest.raises(Invalid, match="was used") as refused:
        confirm(ada, ada.link())
    assert refused.value.code == "link_used"


def test_the_link_does_not_work_elsewhere_and_goes_on_working_here(ada: Account) -> None:
    sign_in(ada, at=CAFE)
    for elsewhere in (HOME, None, "not an address"):
        with pytest.raises(Invalid, match="only works from the network address") as refused:
            confirm(ada, ada.link(), at=elsewhere)
        assert refused.value.code == "link_elsewhere"
    assert sign_in(ada, at=HOME) == WAITS
    confirm(ada, devices_link(ada, CAFE), at=CAFE)
    assert sign_in(ada, at=CAFE).secret is not None


def devices_link(ada: Account, address: str) -> str:
    """The token of the link in the mail that names this address."""
    (mail,) = [mail for mail in ada.mails() if address in mail["text"]]
    return next(word.partition("token=")[2] for word in mail["text"].split() if "?token=" in word)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"password_set_at": True}, "link_used"), ({"last_login_at": True}, "link_used"), ({"is_frozen": True}, None)],
)
def test_the_link_dies_when_something_happens_to_the_account(ada: Account, change: dict, code: str | None) -> None:
    sign_in(ada)
    with ada.work() as (work, user):
        for name in change:
            setattr(user, name, True if name == "is_frozen" else work.now)
    with pytest.raises(Invalid) as refused:
        confirm(ada, ada.link())
    assert refused.value.code == (code or "link_invalid")


def test_a_link_is_good_for_its_time_and_for_nothing_else(ada: Account) -> None:
    sign_in(ada)
    token = ada.link()
    for wrong, code in [("", "link_missing"), (token + "x", "link_invalid"), ("x" * 5000, "link_invalid")]:
        with pytest.raises(Invalid) as refused:
            confirm(ada, wrong)
        assert refused.value.code == code


def test_who_tries_again_soon_gets_no_other_mail(ada: Account) -> None:
    for minutes in (0, 1, 14):
        assert sign_in(ada, after=minutes * MINUTE) == WAITS
    assert len(ada.mails()) == 1
    sign_in(ada, after=16 * MINUTE)
    sign_in(ada, after=30 * MINUTE)
    assert len(ada.mails()) == 2
    assert ada.history("account:login") == ["account:login:new_device"]
    confirm(ada, ada.link())


def test_another_address_has_a_mail_of_its_own(ada: Account) -> None:
    sign_in(ada, at=HOME)
    sign_in(ada, at=CAFE)
    sign_in(ada, at="2001:db8::1")
    assert len(ada.mails()) == 3
    confirm(ada, ada.link(), at="2001:0db8:0::1")


def test_the_mail_goes_to_an_address_that_is_not_verified_too(account: MakeAccount, index_with: MakeIndex) -> None:
    bob = account("bob", on=index_with(ACCOUNTS__CONFIRM_NEW_DEVICES="yes"), verified=False)
    assert sign_in(bob) == WAITS
    assert [mail["to"] for mail in bob.mails()] == ["bob@example.com"]


@pytest.mark.parametrize("nowhere", [None, "", "unix:"])
def test_where_no_address_can_be_told_none_is_asked_for(ada: Account, nowhere: str | None) -> None:
    assert sign_in(ada, at=nowhere).secret is not None
    assert sign_in(ada, at=HOME) == WAITS


@pytest.mark.parametrize(
    ("one", "other"), [("fe80::1%eth0", "fe80::1"), ("::ffff:192.0.2.9", "192.0.2.9"), ("2001:DB8::1", "2001:db8:0::1")]
)
def test_an_address_is_the_same_however_it_is_written(ada: Account, one: str, other: str) -> None:
    assert sign_in(ada, at=one) == WAITS
    confirm(ada, ada.link(), at=other)
    assert sign_in(ada, at=one).secret is not None and sign_in(ada, at=other).secret is not None


def test_an_index_that_does_not_ask_remembers_addresses_all_the_same(
    account: MakeAccount, index_with: MakeIndex
) -> None:
    ada = account()
    assert sign_in(ada).secret is not None
    asking = Account(index_with(ACCOUNTS__CONFIRM_NEW_DEVICES="yes"), ada.id, "ada")
    assert sign_in(asking).secret is not None
    assert sign_in(asking, at=CAFE) == WAITS


def test_somebody_is_led_to_where_they_were_going(ada: Account) -> None:
    with ada.work() as (work, user):
        assert finish(work, user, method="webauthn", label="key", next="/search/?q=a").location == "/search/?q=a"
