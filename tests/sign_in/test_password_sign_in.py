"""Signing in with a username and a password: what is asked in which order, and what is told."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import MakeIndex
from tests.contracts.test_breaches import STOLEN, range_server
from tests.index import Index
from tests.sign_in.conftest import CAFE, HOME, PASSWORD, Account, MakeAccount
from warehouse.domain.accounts import BannedAddress, SecurityKey, UserSession
from warehouse.errors import NotAllowed, TooMany, Unavailable
from warehouse.infra.passwords import Passwords
from warehouse.operations import second_factors
from warehouse.operations.password_sign_in import Declined, sign_in
from warehouse.operations.passwords import give_password
from warehouse.operations.sign_in import Finished

LATER = timedelta(minutes=11)


@pytest.fixture
def ada(account: MakeAccount) -> Account:
    return account()


def attempt(
    who: Account, password: str = PASSWORD, *, name: str | None = None, at: str = HOME, **more
) -> Finished | Declined:
    with who.work(at=at, after=more.pop("after", timedelta())) as (work, _):
        return sign_in(work, name if name is not None else who.username, password, **more)


def mistakes(outcome: Finished | Declined) -> Mapping[str, str]:
    assert isinstance(outcome, Declined)
    return outcome.mistakes


def secret(outcome: Finished | Declined) -> str | None:
    assert isinstance(outcome, Finished)
    return outcome.secret


def test_a_right_password_signs_in_and_leads_to_ones_projects(ada: Account) -> None:
    outcome = attempt(ada)
    assert secret(outcome)
    assert isinstance(outcome, Finished) and outcome.location == "/manage/projects/"
    assert ada.history() == ["account:create", "account:login:success"]


def test_the_case_of_the_name_and_spaces_around_it_do_not_matter(ada: Account) -> None:
    assert secret(attempt(ada, name=" ADA "))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ada@example.com", "not an e-mail address"),
        ("nobody", "no user of this name"),
        ("", "no user of this name"),
        ("a\x00da", "no user of this name"),
        ("ada\ud7ff" * 5000, "no user of this name"),
    ],
)
def test_what_is_no_name_of_an_account_is_told(ada: Account, name: str, sentence: str) -> None:
    assert sentence in mistakes(attempt(ada, name=name))["username"]
    assert ada.history() == ["account:create"]


def test_where_names_are_no_public_matter_an_unknown_one_is_like_a_wrong_password(
    index_with: MakeIndex, account: MakeAccount
) -> None:
    ada = account(on=index_with(ACCESS__READ="signed_in"))
    assert mistakes(attempt(ada, name="nobody")) == mistakes(attempt(ada, "wrong"))
    for _ in range(8):
        attempt(ada, name="nobody")
    with pytest.raises(TooMany):
        attempt(ada, name="nobody")


def test_a_wrong_password_is_told_and_remembered(ada: Account) -> None:
    assert list(mistakes(attempt(ada, "wrong"))) == ["password"]
    assert ada.history() == ["account:create", "account:login:failure"]


@pytest.mark.parametrize("password", ["", "\x00", "x" * 100_000, PASSWORD + "\x00", PASSWORD.upper(), " " + PASSWORD])
def test_nothing_but_the_password_will_do(ada: Account, password: str) -> None:
    assert list(mistakes(attempt(ada, password))) == ["password"]


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_somebody_without_a_password_is_told_the_same_as_with_a_wrong_one(ada: Account, password: str) -> None:
    wrong = mistakes(attempt(ada, "wrong"))
    ada.change(password_hash=None)
    assert mistakes(attempt(ada, password)) == wrong


def test_a_frozen_account_is_told_of_to_whoever_has_its_password(account: MakeAccount, index_with: MakeIndex) -> None:
    ada = account(on=index_with(SITE__SECURITY_CONTACT="security@index.example"), is_frozen=True)
    assert list(mistakes(attempt(ada, "wrong"))) == ["password"]
    assert "suspended" in mistakes(attempt(ada))[""] and "security@index.example" in mistakes(attempt(ada))[""]
    with ada.work() as (work, _):
        assert work.db.query(UserSession).count() == 0


# Banned addresses


def ban(index: Index, address: str) -> None:
    with index.work() as work:
        work.db.add(BannedAddress(address=address, reason="administrative", banned_by="operator"))


def test_from_a_banned_address_every_password_is_wrong_and_every_attempt_counts(index: Index, ada: Account) -> None:
    ban(index, CAFE)
    for _ in range(10):
        assert list(mistakes(attempt(ada, at=CAFE))) == ["password"]
    with pytest.raises(TooMany):
        attempt(ada, at=CAFE)
    assert secret(attempt(ada, at=HOME))
    assert "no user of this name" in mistakes(attempt(ada, name="nobody", at=CAFE))["username"]


# Limits


def fail(ada: Account, times: int, **more) -> None:
    for _ in range(times):
        assert list(mistakes(attempt(ada, "wrong", **more))) == ["password"]


def test_after_ten_wrong_passwords_the_account_rests_for_everybody(ada: Account) -> None:
    fail(ada, 5, at=HOME)
    fail(ada, 5, at=CAFE)
    with pytest.raises(TooMany) as refused:
        attempt(ada, at="203.0.113.1")
    assert 0 < refused.value.retry_after <= 300
    assert secret(attempt(ada, at="203.0.113.1", after=LATER))
    assert len(ada.history("account:login:failure")) == 10


def test_after_ten_wrong_passwords_the_address_rests_for_all_accounts(ada: Account, account: MakeAccount) -> None:
    bob = account("bob")
    fail(ada, 5)
    fail(bob, 5)
    with pytest.raises(TooMany):
        attempt(account("eve"))
    assert secret(attempt(bob, at=CAFE))


def test_all_together_rest_when_too_many_are_wrong(account: MakeAccount, index_with: MakeIndex) -> None:
    index = index_with(LIMITS__SIGN_IN_IN_ALL="3 per 5 minutes")
    ada, bob = account(on=index), account("bob", on=index)
    fail(ada, 3)
    with pytest.raises(TooMany):
        attempt(bob, at=CAFE)


def test_right_passwords_do_not_count(ada: Account) -> None:
    fail(ada, 9)
    for _ in range(12):
        assert secret(attempt(ada))
    fail(ada, 1)
    with pytest.raises(TooMany):
        attempt(ada)


def test_of_many_guesses_at_once_only_as_many_are_judged_as_one_after_the_other(
    account: MakeAccount, index_with: MakeIndex
) -> None:
    index = index_with(LIMITS__SIGN_IN_PER_USER="3 per 5 minutes")
    roomy = Passwords(memory=64, time=1, parallelism=1, at_once=8)
    ada = account(on=Index(replace(index.tools, passwords=roomy)))
    outcomes: list[str] = []

    def guess() -> None:
        try:
            attempt(ada, "wrong")
            outcomes.append("judged")
        except TooMany:
            outcomes.append("refused")

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("judged"), outcomes.count("refused")) == (3, 5)


def test_an_attempt_that_nobody_had_time_to_judge_does_not_count(account: MakeAccount, index_with: MakeIndex) -> None:
    index = index_with(LIMITS__SIGN_IN_PER_USER="1 per 5 minutes")
    ada = account(on=index)
    busy = Account(
        Index(replace(index.tools, passwords=Busy(memory=64, time=1, parallelism=1, at_once=1))), ada.id, "ada"
    )
    for _ in range(3):
        with pytest.raises(Unavailable):
            attempt(busy)
    assert secret(attempt(ada))


class Busy(Passwords):
    """What hashes passwords, while everybody else signs in."""

    def matches(self, password: str, hashed: str) -> bool:
        raise Unavailable("Too many people are signing in at this moment.")


# Stolen passwords


def test_a_stolen_password_signs_nobody_in_any_more(account: MakeAccount, index_with: MakeIndex) -> None:
    with range_server() as service:
        ada = account(on=index_with(PASSWORDS__BREACH_RANGE_URL=service.url), verified=False)
        service.status = 503
        assert secret(attempt(ada)), "while the service is away, everybody is let in"
        service.status = 200
        assert secret(attempt(ada))
        with ada.work() as (work, user):
            user.password_hash = work.tools.passwords.hash(STOLEN[1])
        asked = len(service.asked)
        assert list(mistakes(attempt(ada, "wrong"))) == ["password"]
        assert len(service.asked) == asked, "only the right password is looked up"

        first = mistakes(attempt(ada, STOLEN[1]))
        assert "stolen from other sites" in first[""]
        assert ada.subjects() == ["Your password is known from a data breach"]
        assert ada.history()[-1] == "account:password:disabled"
        with ada.work() as (work, user):
            assert (user.password_hash, user.password_disabled_for) == (None, "compromised")
            assert work.db.query(UserSession).count() == 0
        for password in (STOLEN[1], PASSWORD, "anything"):
            assert mistakes(attempt(ada, password)) == first


# Hashes


def test_a_hash_of_former_costs_is_renewed_and_sessions_go_on(ada: Account) -> None:
    dear = Passwords(memory=128, time=2, parallelism=1, at_once=1)
    ada.change(password_hash=dear.hash(PASSWORD))
    attempt(ada)
    with ada.work() as (work, user):
        assert user.password_hash is not None
        assert not work.tools.passwords.is_outdated(user.password_hash)
        assert user.password_set_at == work.db.query(UserSession).one().password_set_at
    assert secret(attempt(ada))


@pytest.mark.parametrize("stolen", [False, True])
def test_a_password_that_is_changed_at_that_moment_stays_changed(
    account: MakeAccount, index_with: MakeIndex, stolen: bool
) -> None:
    with range_server() as service:
        ada = account(on=index_with(PASSWORDS__BREACH_RANGE_URL=service.url))
        old = STOLEN[1] if stolen else PASSWORD
        dear = Passwords(memory=128, time=2, parallelism=1, at_once=1)
        ada.change(password_hash=dear.hash(old))
        service.waits_for = threading.Event()
        outcomes: list[Finished | Declined] = []
        slow = threading.Thread(target=lambda: outcomes.append(attempt(ada, old)))
        slow.start()
        while not service.asked:
            slow.join(0.01)
        with ada.work() as (work, user):
            give_password(work, user, "hamster unicycle")
        service.waits_for.set()
        slow.join()
        assert list(mistakes(outcomes[0])) == ["password"]
        assert secret(attempt(ada, "hamster unicycle"))


# Second factors


def add_key(ada: Account) -> None:
    with ada.work() as (work, user):
        key = SecurityKey(user_id=user.id, label="key", credential_id=b"c", public_key=b"p", sign_count=0)
        work.db.add(key)


def test_who_has_a_second_factor_is_led_to_it_and_not_signed_in(ada: Account) -> None:
    add_key(ada)
    outcome = attempt(ada, next="/search/")
    assert isinstance(outcome, Finished) and outcome.secret is None
    page, _, token = outcome.location.partition("?")
    assert page == "/account/two-factor/"
    with ada.work() as (work, user):
        asked = second_factors.asked(work, token)
        assert (asked.user, asked.next) == (user, "/search/")
        assert user.last_login_at is None and work.db.query(UserSession).count() == 0
    assert ada.history("account:login") == []


def test_nobody_learns_of_a_second_factor_before_the_password_is_right(ada: Account, account: MakeAccount) -> None:
    add_key(ada)
    assert mistakes(attempt(ada, "wrong")) == mistakes(attempt(account("bob"), "wrong"))


def test_a_remembered_browser_needs_the_password_alone(ada: Account, account: MakeAccount) -> None:
    add_key(ada)
    with ada.work() as (work, user):
        cookie = second_factors.remember_device(work, user, second_factors.Method.TOTP)
    assert secret(attempt(ada, remembered=cookie))
    with ada.work() as (work, _):
        assert work.db.query(UserSession).one().method == "remembered-device"
    assert list(mistakes(attempt(ada, "wrong", remembered=cookie))) == ["password"]
    bob = account("bob")
    add_key_of_bob = SecurityKey(user_id=bob.id, label="key", credential_id=b"d", public_key=b"q", sign_count=0)
    with bob.work() as (work, _):
        work.db.add(add_key_of_bob)
    for foreign in (cookie, cookie + "x", "nonsense"):
        assert secret(attempt(bob, remembered=foreign)) is None


# Single sign-on


def test_where_issuers_vouch_for_everybody_passwords_are_not_looked_at(
    account: MakeAccount, index_with: MakeIndex
) -> None:
    issuer = '{"corp": {"issuer": "https://login.example.org", "client_id": "index"}}'
    ada = account(on=index_with(SIGN_ON__ISSUERS=issuer, SIGN_ON__PASSWORDS="off"))
    with pytest.raises(NotAllowed, match="single sign-on"):
        attempt(ada)
    assert secret(attempt(account("bob", on=index_with(SIGN_ON__PASSWORDS="off"))))
