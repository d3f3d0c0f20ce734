"""What belongs to others, or did: addresses that somebody only claims, and names that were somebody else's."""

from __future__ import annotations

from tests.attacks.accounts import signed_in, victim, with_settings
from tests.builders import wheel
from tests.index import Index
from tests.web.browser import PASSWORD, Browser
from tests.web.client import Client
from warehouse.domain.accounts import User
from warehouse.events.second_factors import Method
from warehouse.operations.deletion import delete_account
from warehouse.operations.emails import add_email
from warehouse.operations.invitations import invite
from warehouse.operations.moderating_people import freeze, unfreeze
from warehouse.operations.second_factors import ask_for, remember_device
from warehouse.operations.sessions import admit
from warehouse.web.app import make_web_app
from warehouse.work import Tools


def test_whoever_claims_an_address_learns_nothing_of_the_mail_that_went_there(tools: Tools) -> None:
    tools = with_settings(tools)
    thief = victim(tools, "mallory", secured=False)
    with Index(tools).work() as work:
        invite(work, "grace@example.org")
        add_email(work, work.db.get_one(User, thief), "grace@example.org")
    got = signed_in(tools, thief).get("/manage/account/export.json")
    assert "grace@example.org" in [email["address"] for email in got.json["emails"]]
    assert [mail["subject"] for mail in got.json["mails"] if mail["address"] == "grace@example.org"] == []


def test_whoever_had_a_name_before_has_nothing_of_who_has_it_now(tools: Tools) -> None:
    tools = with_settings(tools)
    former, index = victim(tools), Index(tools)
    before = signed_in(tools, former)
    with index.work() as work:
        user = work.db.get_one(User, former)
        token = index.token(user)
        spared, step = remember_device(work, user, Method.TOTP), ask_for(work, user, next="")
    with index.work() as work:
        delete_account(work, work.db.get_one(User, former))
    victim(tools)
    site = Client(make_web_app(tools))
    before._client = site
    assert before.get("/manage/account/").leads_to.startswith("/account/login/")
    assert site.get(f"/account/two-factor/?{step}").leads_to == "/account/login/"
    again = Browser(site)
    again.cookies["remember_device"] = spared
    got = again.post("/account/login/", follow=False, username="ada", password=PASSWORD)
    assert got.leads_to.startswith("/account/two-factor/")
    assert index.upload(wheel("demo", "1.0"), token=token).status == 403


def test_a_session_that_began_while_the_account_was_being_frozen_ends_with_that(tools: Tools) -> None:
    """Whoever is let in at the same moment is not seen by what ends all sessions."""
    tools = with_settings(tools)
    user_id = victim(tools)
    with Index(tools).work() as work:
        freeze(work, work.db.get_one(User, user_id))
    with Index(tools).work() as work:
        secret = admit(work, work.db.get_one(User, user_id), method="webauthn")
    with Index(tools).work() as work:
        unfreeze(work, work.db.get_one(User, user_id))
    browser = Browser(Client(make_web_app(tools)))
    browser.cookies["session_id"] = secret
    assert browser.get("/manage/account/").leads_to.startswith("/account/login/")
