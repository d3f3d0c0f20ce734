"""From the password to the mail: somebody with an app signs in from where their account was never used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.conftest import CHEAP_PASSWORDS
from tests.index import Index
from tests.sign_in.conftest import CAFE, HOME, Account, MakeAccount
from tests.web.browser import Browser, browser
from warehouse.operations import devices
from warehouse.operations.totp import seal_secret
from warehouse.standards import totp

SECRET = b"twenty bytes, exactly"[:20]


@pytest.fixture
def ada(account: MakeAccount) -> Account:
    made = account()
    with made.work() as (work, user):
        user.totp_secret = seal_secret(work.tools, user, SECRET)
    return made


def at(index: Index, address: str) -> Browser:
    return browser(index.tools, address=address, **CHEAP_PASSWORDS, WAREHOUSE_ACCOUNTS__CONFIRM_NEW_DEVICES="yes")


def type_code(person: Browser, *, steps: int = 0, **fields: str) -> str:
    """Sign in with password and code; where that leads."""
    person.get("/account/login/?next=/stats/")
    person.submit(action="/account/login/", username="ada", password="correct horse")
    code = totp.code_at(SECRET, totp.step_at(datetime.now(UTC) + steps * timedelta(seconds=30)))
    return person.submit(action="/account/two-factor/", follow=False, totp_value=code, **fields).leads_to


def test_password_and_code_are_not_enough_but_the_mail_is(index: Index, ada: Account) -> None:
    person = at(index, CAFE)
    assert type_code(person, remember_device="true") == "/account/confirm-login/"
    assert person.cookies == {}, "neither a session nor a browser that is spared the code"
    assert "We have sent you a mail" in person.get("/account/confirm-login/").text
    thief = at(index, HOME)
    assert urlsplit(thief.get(f"/account/confirm-login/?token={ada.link()}").leads_to).path == "/account/login/"
    person.get(f"/account/confirm-login/?token={ada.link()}")
    assert "session_id" in person.cookies
    assert ada.history("account:login") == ["account:login:new_device", "account:login:success"]


def test_the_next_time_password_and_code_are(index: Index, ada: Account) -> None:
    type_code(at(index, CAFE))
    at(index, CAFE).get(f"/account/confirm-login/?token={ada.link()}")
    person = at(index, CAFE)
    assert type_code(person, steps=1, remember_device="true") == "/stats/"
    assert {"session_id", "remember_device"} <= set(person.cookies)
    assert ada.subjects().count("Is it you who is signing in?") == 1


def test_the_browser_is_spared_the_code_and_makes_other_addresses_known(index: Index, ada: Account) -> None:
    type_code(at(index, CAFE))
    at(index, CAFE).get(f"/account/confirm-login/?token={ada.link()}")
    person = at(index, CAFE)
    type_code(person, steps=1, remember_device="true")
    del person.cookies["session_id"]
    person.environ["REMOTE_ADDR"] = HOME
    person.get("/account/login/")
    got = person.submit(action="/account/login/", follow=False, username="ada", password="correct horse")
    assert got.leads_to == "/manage/projects/" and "session_id" in person.cookies
    with ada.work(at=HOME) as (work, user):
        assert devices.is_known(work, user)
