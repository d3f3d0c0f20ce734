"""Looking after one's addresses on the site, and getting one verified."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.account.people import Door, door
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.domain.accounts import Email, UserSession, user_named
from warehouse.operations.emails import add_email
from warehouse.web.app import make_web_app

EMAILS, UNVERIFIED = "/manage/account/emails/", "/manage/unverified-account/"
STRICT = {"ACCESS__REQUIRE_VERIFIED_EMAIL": "true"}
SECURED = {**STRICT, "ACCESS__REQUIRE_SECOND_FACTOR": "true"}


def come(at: Door, name: str | None = "ada") -> Browser:
    """A browser in which this user is signed in."""
    browser = Browser(Client(make_web_app(at.index.tools)))
    if name is not None:
        browser.sign_in(name)
    return browser


def there(index, **settings: str) -> tuple[Door, Browser]:
    """Where ada has a verified address and is signed in."""
    index.user("ada", verified=True)
    at = door(index, **settings)
    return at, come(at)


def fresh(index, **settings: str) -> tuple[Door, Browser]:
    """Where ada has an address that is not verified yet, to which a link was sent."""
    index.user("ada")
    at = door(index, **settings)
    browser = come(at)
    browser.open(UNVERIFIED)
    browser.submit(action=f"/manage/account/emails/{at.email_id('ada@example.com')}/verify/")
    return at, browser


def said(browser: Browser) -> list[str]:
    return [one.text for one in browser.got.page.all("p") if "flash " in f"{one.attributes.get('class')} "]


def actions(browser: Browser) -> list[str]:
    """What the forms of the page lead to, without signing out."""
    posted = (one.attributes for one in browser.got.page.all("form") if one.attributes.get("method") == "post")
    forms = (attributes.get("action") or "" for attributes in posted)
    return [action for action in forms if action != "/account/logout/"]


def change(at: Door, address: str, **values) -> None:
    with at.work() as work:
        email = work.db.scalars(select(Email).where(Email.address == address)).one()
        for column, value in values.items():
            setattr(email, column, value)


def test_an_address_is_added_verified_by_its_link_and_made_the_primary_one(index):
    at, browser = there(index)
    browser.open(EMAILS)
    browser.submit(action=f"{EMAILS}add/", email=" ada@work.example ")
    assert said(browser) == ["A mail is on its way to ada@work.example: open the link in it."]
    link = next(mail["text"] for mail in at.mails() if mail["to"] == "ada@work.example")
    browser.open("/" + link.partition("://")[2].partition("/")[2].split()[0])
    assert browser.path == EMAILS and said(browser) == ["ada@work.example is verified."]
    number = at.email_id("ada@work.example")
    browser.submit(action=f"{EMAILS}{number}/make-primary/")
    assert at.emails() == {"ada@example.com": "verified", "ada@work.example": "primary verified"}
    browser.submit(action=f"{EMAILS}{at.email_id('ada@example.com')}/remove/")
    assert at.emails() == {"ada@work.example": "primary verified"}


def test_what_is_no_address_is_said_beside_the_field(index):
    _, browser = there(index)
    browser.open(EMAILS)
    got = browser.submit(action=f"{EMAILS}add/", email="<nowhere>")
    assert got.status == 400 and "is not an e-mail address" in got.text
    [typed] = [one for one in got.page.all("input") if one.attributes.get("name") == "email"]
    assert typed.attributes["value"] == "<nowhere>"


def test_addresses_stand_in_order_with_what_can_be_done_to_each(index):
    at, browser = there(index, LIMITS__NEW_EMAILS_PER_ADDRESS="9 per day")
    for text in ("z@work.example", "b@home.example", "a@old.example"):
        with at.as_user("ada") as (work, user):
            add_email(work, user, text)
    change(at, "z@work.example", is_verified=True)
    change(at, "a@old.example", unverify_reason="hard bounce")
    browser.open(EMAILS)
    shown = [one.text for one in browser.got.page.all("p") if one.attributes.get("class") == "emails__address"]
    assert shown == ["ada@example.com", "z@work.example", "a@old.example", "b@home.example"]
    assert "Mail to this address could not be delivered." in browser.got.text
    z, a = at.email_id("z@work.example"), at.email_id("a@old.example")
    assert [action.removeprefix(EMAILS) for action in actions(browser)][:4] == [
        f"{z}/make-primary/",
        f"{z}/remove/",
        f"{a}/verify/",
        f"{a}/remove/",
    ]


def test_one_verified_address_is_shown_to_others_or_none(index):
    at, browser = there(index)
    browser.open(EMAILS)
    browser.submit(action=f"{EMAILS}make-public/", public_email="ada@example.com")
    assert at.emails() == {"ada@example.com": "primary verified public"}
    browser.submit(action=f"{EMAILS}make-public/", public_email="eve@example.com")
    assert said(browser) == ["Only a verified address of your own can be shown. Verify it first."]
    browser.submit(action=f"{EMAILS}make-public/", public_email="")
    assert at.emails() == {"ada@example.com": "primary verified"}


@pytest.mark.parametrize("what", ["remove", "make-primary", "verify"])
@pytest.mark.parametrize("number", ["0", "999999999999999999", "9" * 400])
def test_an_address_that_is_not_there_is_said_so(what, number, index):
    _, browser = there(index)
    browser.open(EMAILS)
    got = browser.post(f"{EMAILS}{number}/{what}/")
    assert got.status == 200
    assert said(browser) == ["There is no such address; it may have been removed."]


def test_nobody_changes_addresses_without_signing_in_or_by_another_sites_form(index):
    at, browser = there(index)
    number = at.email_id("ada@example.com")
    stranger = come(at, None)
    assert urlsplit(stranger.get(EMAILS).headers["location"]).path == "/account/login/"
    for path in (f"{EMAILS}add/", f"{EMAILS}{number}/remove/", f"{UNVERIFIED}replace/"):
        assert urlsplit(stranger.post(path, follow=False, email="x@x.example").headers["location"]).path == (
            "/account/login/"
        )
        assert browser.post(path, follow=False, email="x@x.example", csrf_token="wrong").status == 403
    assert at.emails() == {"ada@example.com": "primary verified"}


def test_addresses_are_only_shown_to_who_typed_the_password_lately(index):
    at, browser = there(index)
    with at.work() as work:
        session = work.db.scalars(select(UserSession)).one()
        session.authenticated_at = session.authenticated_at.replace(year=2020)
    assert "ada@example.com" not in browser.open(EMAILS).text
    assert actions(browser) == ["/account/reauthenticate/"]


def test_whoever_has_no_verified_address_gets_no_further_than_verifying_it(index):
    at, browser = fresh(index, **STRICT)
    browser.open("/manage/account/emails/")
    assert urlsplit(browser.path).path == UNVERIFIED
    assert "Verify your e-mail address first." in said(browser)
    browser.open(at.link())
    assert urlsplit(browser.path).path == EMAILS and "ada@example.com is verified." in said(browser)
    browser.open(UNVERIFIED)
    assert urlsplit(browser.path).path == EMAILS


def test_where_second_factors_are_asked_for_verifying_leads_to_them(index):
    at, browser = fresh(index, **SECURED)
    got = browser.get(at.link())
    assert urlsplit(got.headers["location"]).path == "/manage/account/two-factor/"


def test_a_link_that_is_opened_before_signing_in_is_gone_on_with_afterwards(index):
    at, _ = fresh(index)
    browser = come(at, None)
    browser.open(at.link())
    assert urlsplit(browser.path).path == "/account/login/"
    browser.submit(action="/account/login/", username="ada", password="correct horse")
    assert at.emails() == {"ada@example.com": "primary verified"}


@pytest.mark.parametrize("query", ["", "?token=", "?token=nonsense", "?token=%00"])
def test_a_link_that_is_no_good_verifies_nothing_and_says_so(query, index):
    at, browser = fresh(index, **STRICT)
    browser.open(f"/account/verify-email/{query}")
    assert urlsplit(browser.path).path == UNVERIFIED
    assert any("link" in sentence for sentence in said(browser))
    assert at.emails() == {"ada@example.com": "primary"}


def test_what_was_to_be_said_is_said_however_often_the_browser_is_led_on(index):
    _, browser = fresh(index, **STRICT)
    browser.open("/account/invitation/?token=x")
    assert said(browser) == [
        "You have an account already. Sign out first to open another one.",
        "Verify your e-mail address first.",
    ]


def test_whoever_asks_for_another_link_stays_where_they_are(index):
    at, browser = fresh(index, **STRICT)
    browser.open(UNVERIFIED)
    browser.submit(action=f"{EMAILS}{at.email_id('ada@example.com')}/verify/")
    assert urlsplit(browser.path).path == UNVERIFIED
    assert said(browser) == ["A mail is on its way: open the link in it."]


def test_a_mistyped_address_is_replaced(index):
    at, browser = fresh(index, **STRICT)
    browser.open(UNVERIFIED)
    got = browser.submit(action=f"{UNVERIFIED}replace/", email="nowhere")
    assert got.status == 400 and "is not an e-mail address" in got.text
    browser.submit(action=f"{UNVERIFIED}replace/", email="ada@right.example")
    assert said(browser) == ["A mail is on its way to ada@right.example: open the link in it."]
    browser.open(at.link())
    assert at.emails() == {"ada@right.example": "primary verified"}


def test_replacing_is_not_offered_to_whoever_has_a_second_factor_and_refused(index):
    at, browser = fresh(index, **STRICT)
    with at.work() as work:
        user_named(work.db, "ada").totp_secret = b"x" * 20
    browser.open(UNVERIFIED)
    assert f"{UNVERIFIED}replace/" not in actions(browser)
    got = browser.post(f"{UNVERIFIED}replace/", email="ada@right.example")
    assert got.status == 400 and "cannot be replaced any more" in got.text
    assert at.emails() == {"ada@example.com": "primary"}


def test_another_verified_address_takes_the_place_of_one_that_mail_does_not_reach(index):
    at, _ = there(index)
    with at.as_user("ada") as (work, user):
        add_email(work, user, "ada@work.example")
    change(at, "ada@work.example", is_verified=True)
    change(at, "ada@example.com", is_verified=False, unverify_reason="soft bounce")
    strict = door(index, **STRICT)
    browser = come(strict)
    browser.open(UNVERIFIED)
    assert "Mail to this address failed too often." in browser.got.text
    browser.submit(action=f"{EMAILS}{at.email_id('ada@work.example')}/make-primary/")
    assert at.emails() == {"ada@example.com": "", "ada@work.example": "primary verified"}
    assert urlsplit(browser.path).path == EMAILS
