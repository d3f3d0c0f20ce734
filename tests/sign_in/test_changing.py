"""Changing one's password, and showing again that one knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.sign_in.conftest import PASSWORD, Account, MakeAccount
from warehouse.domain.accounts import User, UserSession
from warehouse.errors import NotAllowed, TooMany
from warehouse.operations.accounts import find_user, set_password
from warehouse.operations.password_sign_in import sign_in
from warehouse.operations.passwords import change_password, prove
from warehouse.operations.sessions import actor_of, admit, session_of
from warehouse.operations.sign_in import Finished
from warehouse.work import ANONYMOUS, Work

NEW = "hamster unicycle"


class Person:
    """Somebody who is signed in, twice."""

    def __init__(self, account: Account) -> None:
        self.account = account
        with account.work() as (work, user):
            self.here = admit(work, user, method="password")
        with account.work() as (work, user):
            self.elsewhere = admit(work, user, method="password")

    @contextmanager
    def work(self, **more) -> Iterator[tuple[Work, User, UserSession]]:
        with self.account.work(**more) as (work, _):
            found = session_of(work, self.here)
            assert found is not None
            session, user = found
            work.actor = actor_of(work, user)
            yield work, user, session

    def change(self, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> Mapping[str, str]:
        with self.work() as (work, user, session):
            again = new if again is None else again
            return change_password(work, user, session=session, current=current, new=new, again=again)

    def is_signed_in(self, secret: str) -> bool:
        with self.account.work() as (work, _):
            return session_of(work, secret) is not None


@pytest.fixture
def ada(account: MakeAccount) -> Person:
    return Person(account())


def signs_in(ada: Person, password: str) -> bool:
    with ada.account.work() as (work, _):
        return isinstance(sign_in(work, "ada", password), Finished)


def test_a_new_password_ends_all_other_sessions(ada: Person) -> None:
    assert ada.change() == {}
    assert ada.is_signed_in(ada.here) and not ada.is_signed_in(ada.elsewhere)
    assert signs_in(ada, NEW) and not signs_in(ada, PASSWORD)
    assert ada.account.subjects() == ["Your password was changed"]
    assert ada.account.history("account:password") == ["account:password:change"]


def test_all_mistakes_are_told_at_once_and_nothing_changes(ada: Person) -> None:
    assert list(ada.change("wrong", "ada@example.com", "other")) == ["new_password", "password_confirm", "password"]
    assert ada.account.history("account:re") == ["account:reauthenticate:failure"]
    assert ada.is_signed_in(ada.elsewhere) and signs_in(ada, PASSWORD)
    assert ada.account.mails() == []


def test_who_has_no_password_chooses_a_first_one(account: MakeAccount) -> None:
    person = Person(account(password_hash=None))
    assert person.change(current="") == {}
    assert signs_in(person, NEW)
    assert "password" in person.change(current="", new="another unicycle")


def test_after_too_many_wrong_ones_the_right_one_is_not_looked_at(ada: Person) -> None:
    for _ in range(10):
        assert "password" in ada.change("wrong")
    with pytest.raises(TooMany):
        ada.change()
    assert not ada.account.history("account:password")


def test_nobody_changes_the_password_of_another(ada: Person, account: MakeAccount) -> None:
    eve = Person(account("eve"))
    with eve.work() as (work, _, session):
        victim = work.db.get_one(User, ada.account.id)
        with pytest.raises(NotAllowed):
            change_password(work, victim, session=session, current=PASSWORD, new=NEW, again=NEW)
        with pytest.raises(NotAllowed):
            prove(work, victim, PASSWORD)


def test_the_password_makes_a_session_recent_and_a_wrong_one_does_not(ada: Person) -> None:
    hour = timedelta(hours=1)
    with ada.work(after=hour) as (work, user, session):
        before = session.authenticated_at
        assert not prove(work, user, "wrong", session=session)
        assert session.authenticated_at == before
        assert prove(work, user, PASSWORD, session=session)
        assert session.authenticated_at == work.now
    assert ada.account.history("account:re") == ["account:reauthenticate:failure"]


def test_strangers_prove_nothing(ada: Person) -> None:
    with ada.account.work(actor=ANONYMOUS) as (work, user), pytest.raises(NotAllowed):
        prove(work, user, PASSWORD)


def test_an_operator_gives_a_password_and_whoever_was_signed_in_is_not_any_more(ada: Person) -> None:
    ada.account.change(password_disabled_for="compromised")
    with ada.account.index.work() as work:
        set_password(work, find_user(work, "ada"), "given by hand")
    assert not ada.is_signed_in(ada.here) and not ada.is_signed_in(ada.elsewhere)
    assert signs_in(ada, "given by hand")


def test_whoever_changed_the_password_meanwhile_has_the_last_word(ada: Person) -> None:
    with ada.work() as (work, user, session):
        assert user.password_hash is not None
        theirs = ada.account.index.tools.passwords.hash("what its owner has now")
        ada.account.change(password_hash=theirs)
        assert "password" in change_password(work, user, session=session, current=PASSWORD, new=NEW, again=NEW)
    assert signs_in(ada, "what its owner has now") and not signs_in(ada, NEW)
