"""A forgotten password: asking for another one by mail, and choosing it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from itsdangerous import TimestampSigner

from tests.index import Index
from tests.jobs.test_queue import waiting
from tests.sign_in.conftest import CAFE, HOME, PASSWORD, Account, MakeAccount
from warehouse.domain.accounts import DisabledFor, Email, UserSession
from warehouse.errors import Invalid, TooMany
from warehouse.operations.links import Purpose, sign
from warehouse.operations.password_sign_in import sign_in
from warehouse.operations.passwords import mail_password_reset, request_reset, reset_password
from warehouse.operations.sign_in import Finished, finish
from warehouse.work import ANONYMOUS, SYSTEM, begin

NEW = "hamster unicycle"
ASKED, ATTEMPTED = "account:password:reset:request", "account:password:reset:attempt"


@pytest.fixture
def ada(account: MakeAccount) -> Account:
    return account()


def ask(index: Index, identifier: str) -> None:
    """Ask as the form does, and let a worker do what that asked for."""
    with begin(index.tools, ANONYMOUS) as work:
        request_reset(work, identifier)
    run(index)


def run(index: Index) -> None:
    jobs = [args for name, args in waiting(index.tools) if name == "mail_password_reset"]
    with begin(index.tools, SYSTEM) as work:
        mail_password_reset(work, **jobs[-1])


def reset(who: Account, token: str, new: str = NEW, again: str | None = None, **more) -> Mapping[str, str]:
    with who.work(**more) as (work, _):
        return reset_password(work, token, new=new, again=new if again is None else again)


def signs_in(who: Account, password: str) -> bool:
    with who.work() as (work, _):
        return isinstance(sign_in(work, who.username, password), Finished)


@pytest.mark.parametrize("identifier", ["ada", " ADA ", "ada@example.com", "Ada@Example.com"])
def test_by_name_or_by_address_a_link_is_mailed(index: Index, ada: Account, identifier: str) -> None:
    ask(index, identifier)
    (mail,) = ada.mails()
    assert mail["to"] == "ada@example.com"
    assert "http://127.0.0.1:8080/account/reset-password/?token=" in mail["text"]
    assert ada.history("account:password") == [ASKED]


def test_the_link_gives_a_new_password_and_signs_nobody_in(index: Index, ada: Account) -> None:
    with ada.work() as (work, user):
        finish(work, user, method="webauthn")
    ask(index, "ada")
    assert reset(ada, ada.link()) == {}
    assert signs_in(ada, NEW) and not signs_in(ada, PASSWORD)
    assert ada.history("account:password") == [ASKED, "account:password:reset"]
    assert ada.subjects() == ["Reset your password", "Your password was changed"]


def test_all_sessions_end(index: Index, ada: Account) -> None:
    for _ in range(2):
        assert signs_in(ada, PASSWORD)
    ask(index, "ada")
    reset(ada, ada.link())
    with ada.work() as (work, _):
        assert work.db.query(UserSession).count() == 0


def test_a_stolen_password_is_replaced_like_that(index: Index, ada: Account) -> None:
    ada.change(password_hash=None, password_disabled_for=DisabledFor.COMPROMISED.value)
    ask(index, "ada")
    assert reset(ada, ada.link()) == {}
    assert signs_in(ada, NEW)


def test_mistakes_are_told_all_at_once_and_the_link_stays_good(index: Index, ada: Account) -> None:
    ask(index, "ada")
    assert list(reset(ada, ada.link(), "ada@example.com", "another")) == ["new_password", "password_confirm"]
    assert list(reset(ada, ada.link(), NEW, NEW + " ")) == ["password_confirm"]
    assert reset(ada, ada.link()) == {}


# Links


def refused(who: Account, token: str, **more) -> str:
    with pytest.raises(Invalid) as refusal:
        reset(who, token, **more)
    return refusal.value.code


def test_a_link_works_once(index: Index, ada: Account) -> None:
    ask(index, "ada")
    reset(ada, ada.link())
    link = next(mail for mail in ada.mails() if "token=" in mail["text"])["text"].partition("token=")[2].split()[0]
    assert refused(ada, link) == "link_used"


def test_a_link_dies_when_somebody_signs_in(index: Index, ada: Account) -> None:
    ask(index, "ada")
    assert signs_in(ada, PASSWORD)
    assert refused(ada, ada.link()) == "link_used"


def test_a_link_dies_with_the_address_that_it_went_to(index: Index, ada: Account) -> None:
    ask(index, "ada")
    with ada.work() as (_, user):
        user.emails[0].is_verified = False
    assert refused(ada, ada.link()) == "link_invalid"


@pytest.mark.parametrize("column", ["is_frozen", "is_administrator", "is_moderator", "prohibit_password_reset"])
def test_a_link_dies_when_a_mailbox_is_no_longer_enough(index: Index, ada: Account, column: str) -> None:
    ask(index, "ada")
    ada.change(**{column: True})
    assert refused(ada, ada.link()) == "link_invalid"


def test_a_link_is_good_for_six_hours_and_only_as_a_whole(
    index: Index, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(index, "ada")
    token = ada.link()
    assert refused(ada, "") == "link_missing"
    for wrong in (token[:-1], "x" + token, token.replace(".", "", 1), "x" * 5000, "\x00", "ż"):
        assert refused(ada, wrong) == "link_invalid"
    now = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: now(signer) + 6 * 3600 + 1)
    assert refused(ada, token) == "link_expired"
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: now(signer) + 6 * 3600 - 60)
    assert reset(ada, token) == {}


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.PASSWORD])
def test_what_was_signed_for_something_else_resets_nothing(index: Index, ada: Account, purpose: Purpose) -> None:
    with ada.work() as (work, user):
        token = sign(work.tools.secret, purpose, action="password-reset", user=user.id)
    assert refused(ada, token) == "link_invalid"


def test_a_link_with_which_something_else_is_done_resets_nothing(index: Index, ada: Account) -> None:
    with ada.work() as (work, user):
        token = sign(work.tools.secret, Purpose.PASSWORD, action="email-verify", user=user.id)
    assert refused(ada, token) == "link_invalid"


# Whom nobody tells anything


def test_asking_is_the_same_for_everybody(index: Index, account: MakeAccount) -> None:
    account("ada")
    account("root", is_administrator=True)
    with begin(index.tools, ANONYMOUS) as work:
        for identifier in ("ada", "root", "nobody", "nobody@example.com"):
            request_reset(work, identifier)
    jobs = [args for name, args in waiting(index.tools) if name == "mail_password_reset"]
    assert [job["identifier"] for job in jobs] == ["ada", "root", "nobody", "nobody@example.com"]


@pytest.mark.parametrize("identifier", ["nobody", "nobody@example.com", "@", "a'; --", "ada@example.com@"])
def test_nobody_is_written_to_whom_nobody_knows(index: Index, ada: Account, identifier: str) -> None:
    ask(index, identifier)
    assert ada.mails() == [] and ada.history() == ["account:create"]


@pytest.mark.parametrize("column", ["is_administrator", "is_moderator", "prohibit_password_reset", "is_frozen"])
def test_whose_mailbox_is_not_enough_gets_no_mail(index: Index, ada: Account, column: str) -> None:
    ada.change(**{column: True})
    ask(index, "ada")
    ask(index, "ada@example.com")
    assert ada.mails() == []
    assert ada.history("account:password") == [ATTEMPTED, ATTEMPTED]


def test_an_address_that_is_not_verified_is_told_so(index: Index, account: MakeAccount) -> None:
    bob = account("bob", verified=False)
    ask(index, "bob")
    assert bob.subjects() == ["Your password cannot be reset by this address"]
    assert "token=" not in bob.mails()[0]["text"]
    assert bob.history("account:password") == [ATTEMPTED]


def test_the_address_that_was_typed_is_the_one_that_is_written_to(index: Index, ada: Account) -> None:
    with ada.work() as (_, user):
        user.emails.append(Email(address="ada@second.example", is_verified=True))
    ask(index, "ada@second.example")
    assert [mail["to"] for mail in ada.mails()] == ["ada@second.example"]
    assert reset(ada, ada.link()) == {}


@pytest.mark.parametrize("identifier", ["", "   ", "a\x00b", "x" * 255, "ada\nbcc"])
def test_what_is_neither_name_nor_address_is_told(index: Index, identifier: str) -> None:
    with begin(index.tools, ANONYMOUS) as work, pytest.raises(Invalid, match="username or your e-mail"):
        request_reset(work, identifier)


# Limits


@pytest.mark.parametrize("identifier", ["ada", "nobody"])
def test_after_five_times_a_day_it_is_too_often_whether_somebody_is_there_or_not(
    index: Index, ada: Account, identifier: str
) -> None:
    for _ in range(5):
        ask(index, identifier)
    with begin(index.tools, ANONYMOUS) as work, pytest.raises(TooMany):
        request_reset(work, identifier.upper())


def test_after_twenty_requests_in_an_hour_an_address_rests_whatever_it_types(index: Index, ada: Account) -> None:
    with ada.work(at=CAFE) as (work, _):
        for number in range(20):
            request_reset(work, f"nobody{number}")
        with pytest.raises(TooMany):
            request_reset(work, "ada")
    with ada.work(at=HOME) as (work, _):
        request_reset(work, "ada")


def test_five_mails_a_day_are_all_whatever_name_is_typed(index: Index, ada: Account) -> None:
    for identifier in ["ada"] * 3 + ["ada@example.com"] * 3:
        ask(index, identifier)
    assert len(ada.mails()) == 5
    assert ada.history("account:password") == [ASKED] * 5 + [ATTEMPTED]


def test_a_new_password_lets_one_ask_again(index: Index, ada: Account) -> None:
    for identifier in ["ada"] * 3 + ["ada@example.com"] * 2:
        ask(index, identifier)
    reset(ada, ada.link())
    for _ in range(5):
        ask(index, "ada")
    assert ada.history("account:password").count(ASKED) == 10


def test_whoever_asked_is_named_in_the_mail(index: Index, ada: Account) -> None:
    with ada.work(at=CAFE) as (work, _):
        request_reset(work, "ada")
    run(index)
    assert CAFE in ada.mails()[0]["text"] and "Firefox" in ada.mails()[0]["text"]
    assert HOME not in ada.mails()[0]["text"]
