"""Between the password and the second factor, and browsers that are spared it."""

from __future__ import annotations

import pytest

from tests.second_factor.person import Person
from warehouse.domain.accounts import BannedAddress
from warehouse.errors import Invalid
from warehouse.events import Method
from warehouse.operations import links, sessions
from warehouse.operations.links import Purpose
from warehouse.operations.second_factors import ask_for, asked, is_remembered, remember_device


def begun(ada: Person, next: str = "/manage/projects/") -> str:
    with ada.signing_in() as (work, user):
        return ask_for(work, user, next=next)


def who(ada: Person, text: str) -> tuple[str, str]:
    with ada.index.work() as work:
        found = asked(work, text)
        return found.user.username, found.next


def change(ada: Person, **columns: object) -> None:
    with ada.signing_in() as (_, user):
        for name, value in columns.items():
            setattr(user, name, value)


def test_the_second_step_knows_who_gave_the_password_and_where_they_were_going(ada):
    assert who(ada, begun(ada, "/manage/project/demo/?a=b&c")) == ("ada", "/manage/project/demo/?a=b&c")


def test_it_is_over_when_they_sign_in(ada):
    text = begun(ada)
    with ada.signing_in() as (work, user):
        sessions.admit(work, user, method="totp")
    with pytest.raises(Invalid) as refused:
        who(ada, text)
    assert refused.value.code == "second_step"


def test_it_is_over_when_the_password_changes(ada):
    text = begun(ada)
    change(ada, password_set_at=ada.at)
    with pytest.raises(Invalid):
        who(ada, text)


def test_it_is_over_when_the_account_is_frozen_or_gone(ada):
    text = begun(ada)
    change(ada, is_frozen=True)
    with pytest.raises(Invalid):
        who(ada, text)
    with ada.signing_in() as (work, user):
        work.db.delete(user)
    with pytest.raises(Invalid):
        who(ada, text)


def test_it_leads_nowhere_from_an_address_that_is_banned(ada):
    text = begun(ada)
    with ada.index.work() as work:
        work.db.add(BannedAddress(address="192.0.2.66", reason="administrative", banned_by="operator"))
    with pytest.raises(Invalid), ada.signing_in("192.0.2.66") as (work, _):
        asked(work, text)
    assert who(ada, text) == ("ada", "/manage/projects/")


@pytest.mark.parametrize("text", ["", "x", "." * 5000, "\x00", "é", "a.b.c"])
def test_what_was_not_signed_here_is_no_second_step(ada, text):
    with pytest.raises(Invalid) as refused:
        who(ada, text)
    assert refused.value.code == "second_step"


def test_what_was_signed_for_something_else_is_no_second_step(ada):
    with ada.signing_in() as (work, user):
        text = links.sign(work.tools.secret, Purpose.REMEMBER_DEVICE, user=user.id, login="", password="", next="/")
    with pytest.raises(Invalid):
        who(ada, text)


def remembered(ada: Person, cookie: str) -> bool:
    with ada.signing_in() as (work, user):
        return is_remembered(work, user, cookie)


def remember(ada: Person) -> str:
    with ada.signing_in() as (work, user):
        return remember_device(work, user, Method.TOTP)


def test_a_browser_is_remembered(ada):
    cookie = remember(ada)
    assert remembered(ada, cookie)
    assert ada.history()[-1] == ("account:two_factor:device_remembered", {"method": "totp"})


def test_a_browser_is_remembered_for_one_person(index, ada):
    assert not remembered(Person(index, "bob"), remember(ada))


def test_a_browser_is_forgotten_when_the_password_changes(ada):
    cookie = remember(ada)
    change(ada, password_set_at=ada.at)
    assert not remembered(ada, cookie)


def test_a_browser_is_forgotten_with_the_recovery_codes_of_its_time(ada):
    ada.get_ready()
    ada.add_app()
    cookie = remember(ada)
    assert remembered(ada, cookie)
    ada.remove_app()
    assert not remembered(ada, cookie)
    ada.wait(seconds=1)
    ada.get_ready()
    ada.add_app(ada.code(1))
    assert not remembered(ada, cookie)
    cookie = remember(ada)
    ada.wait(seconds=1)
    ada.generate()
    assert not remembered(ada, cookie)


@pytest.mark.parametrize("cookie", ["", "x", "." * 5000, "é\x00"])
def test_nobody_is_remembered_by_a_made_up_cookie(ada, cookie):
    assert not remembered(ada, cookie)


def test_the_second_step_is_no_remembered_browser(ada):
    assert not remembered(ada, begun(ada))
