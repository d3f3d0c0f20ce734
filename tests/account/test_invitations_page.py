"""Inviting people on the site."""

from __future__ import annotations

import pytest

from tests.account.people import Door, door
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.web.app import make_web_app

PAGE = "/manage/account/invitations/"


@pytest.fixture
def at(index) -> Door:
    index.user("root", administrator=True, verified=True)
    index.user("eve", verified=True)
    return door(index, ACCOUNTS__REGISTRATION="invitation")


def come(at: Door, name: str) -> Browser:
    browser = Browser(Client(make_web_app(at.index.tools)))
    browser.sign_in(name)
    return browser


def test_an_administrator_invites_sees_who_is_invited_and_takes_it_back(at):
    browser = come(at, "root")
    browser.open(PAGE)
    assert "Nobody at present." in browser.got.text
    browser.submit(action=PAGE, email="ada@example.com")
    assert "ada@example.com is invited: a mail is on its way." in browser.got.text
    assert at.sent() == [("ada@example.com", "You are invited")]
    [revoke] = [
        one.attributes["action"] for one in browser.got.page.all("form") if "revoke" in one.attributes["action"]
    ]
    browser.submit(action=revoke)
    assert "ada@example.com is no longer invited." in browser.got.text
    browser.post(revoke)
    assert "There is no such invitation; it may have been used." in browser.got.text


def test_what_cannot_be_invited_is_said_beside_the_field(at):
    browser = come(at, "root")
    browser.open(PAGE)
    got = browser.submit(action=PAGE, email="eve@example.com")
    assert got.status == 400 and "Another account uses this e-mail address." in got.text


@pytest.mark.parametrize("number", ["nonsense", "00000000-0000-0000-0000-000000000000", "%F0%9F%8E%89"])
def test_an_invitation_that_is_not_there_is_said_so(number, at):
    browser = come(at, "root")
    browser.open(PAGE)
    browser.post(f"{PAGE}{number}/revoke/")
    assert "There is no such invitation; it may have been used." in browser.got.text


def test_nobody_else_invites_or_sees_who_is_invited(at):
    browser = come(at, "eve")
    browser.open("/manage/account/emails/")
    assert browser.get(PAGE).status == 403
    assert browser.post(PAGE, email="x@x.example").status == 403
    assert browser.post(f"{PAGE}00000000-0000-0000-0000-000000000000/revoke/").status == 403
    assert at.sent() == []
