"""Opening an account on the site, with and without an invitation."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from tests.account.people import PASSWORD, Door, door
from tests.contracts.web_service import web_service
from tests.web.browser import Browser
from tests.web.client import Client, Got
from warehouse.domain.accounts import Email
from warehouse.domain.site.flags import FlagName
from warehouse.operations.flags import throw_flag
from warehouse.operations.invitations import invite
from warehouse.web.app import make_web_app
from warehouse.work import OPERATOR

PAGE = "/account/register/"
SAID = {
    "full_name": "Ada Lovelace",
    "email": "ada@example.com",
    "username": "ada",
    "new_password": PASSWORD,
    "password_confirm": PASSWORD,
}


def coming(at: Door, address: str = "192.0.2.1") -> Browser:
    """Somebody's browser."""
    return Browser(Client(make_web_app(at.index.tools)), address=address)


def flashes(browser: Browser) -> list[str]:
    return [one.text for one in browser.got.page.all("p") if "flash" in (one.attributes.get("class") or "")]


def place(got: Got) -> str:
    """The path that an answer leads to."""
    return urlsplit(got.headers["location"]).path


def mistakes(browser: Browser) -> list[str]:
    """The fields that the box above the form leads to."""
    links = (one.attributes.get("href") or "" for one in browser.got.page.all("a"))
    return [link[1:] for link in links if link.startswith("#") and link != "#content"]


def test_whoever_registers_is_signed_in_and_led_home(index):
    at = door(index)
    browser = coming(at)
    assert browser.get(PAGE).status == 200
    got = browser.submit(action=PAGE, follow=False, **SAID)
    assert (got.status, place(got)) == (303, "/")
    assert browser.open("/").status == 200
    assert flashes(browser) == [
        "Welcome. A mail is on its way to ada@example.com: open the link in it to verify the address."
    ]
    assert "ada" in browser.get("/_includes/authed/current-user-indicator/").text
    assert at.history() == ["account:create", "account:login:success"]
    assert place(browser.get(PAGE)) == "/manage/projects/"


def test_all_mistakes_are_shown_and_what_was_typed_but_the_passwords(index):
    at = door(index)
    browser = coming(at)
    browser.get(PAGE)
    said = {**SAID, "email": "<nowhere>", "username": "-", "new_password": "short", "password_confirm": "other"}
    got = browser.submit(action=PAGE, **said)
    assert got.status == 400
    assert mistakes(browser) == ["email", "username", "new_password", "password_confirm"]
    shown = {one.attributes.get("name"): one.attributes.get("value") for one in got.page.all("input")}
    assert (shown["full_name"], shown["email"], shown["username"]) == ("Ada Lovelace", "<nowhere>", "-")
    assert shown["new_password"] is None and shown["password_confirm"] is None
    assert got.page.text("title").startswith("Mistake: ")
    assert browser.submit(action=PAGE, follow=False, **SAID).status == 303


def test_a_machine_that_fills_in_every_field_is_led_home_and_told_nothing(index):
    at = door(index)
    browser = coming(at)
    browser.get(PAGE)
    got = browser.submit(action=PAGE, follow=False, **SAID, confirm_form="x")
    assert (got.status, place(got), got.cookies) == (303, "/", [])
    assert at.history() == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("why", ["invitation", "closed", "switch"])
def test_where_nobody_registers_people_are_told_at_home(why, method, index):
    at = door(index, ACCOUNTS__REGISTRATION="open" if why == "switch" else why)
    if why == "switch":
        with at.work(OPERATOR) as work:
            throw_flag(work, FlagName.DISALLOW_NEW_USERS, on=True)
    browser = coming(at)
    got = browser.open(PAGE) if method == "get" else browser.post(PAGE, **SAID)
    assert (got.status, browser.path) == (200, "/")
    assert len(flashes(browser)) == 1
    assert at.history("account") == []


def test_beyond_the_limit_the_answer_says_how_long_to_wait(index):
    at = door(index)
    for name in ("ada", "bob"):
        at.register(name)
    browser = coming(at)
    browser.get(PAGE)
    got = browser.submit(action=PAGE, **{**SAID, "username": "eve", "email": "eve@example.com"})
    assert got.status == 429 and int(got.headers["retry-after"]) > 0


def test_a_form_of_another_site_opens_no_account(index):
    at = door(index)
    client = Client(make_web_app(at.index.tools))
    assert client.post(PAGE, SAID, HTTP_ORIGIN="https://evil.example").status == 403
    assert at.history() == []


def test_whoever_must_agree_to_terms_is_told_so(index):
    got = coming(door(index, TERMS__REVISION="1", TERMS__URL="https://example.org/terms")).get(PAGE)
    assert "https://example.org/terms" in [one.attributes.get("href") for one in got.page.all("a")]
    assert "agree to" not in coming(door(index)).get(PAGE).text


@pytest.fixture
def vendor():
    with web_service() as service:
        yield service


def asking(index, vendor, name: str = "hcaptcha") -> Door:
    settings = {"BACKEND": name, "SITE_KEY": "our-site", "SECRET_KEY": "our-secret", "VERIFY_URL": f"{vendor.url}/"}
    return door(index, **{f"CAPTCHA__{key}": value for key, value in settings.items()})


@pytest.mark.parametrize(
    ("name", "element", "source"),
    [
        ("hcaptcha", "h-captcha", "https://*.hcaptcha.com"),
        ("recaptcha", "g-recaptcha", "https://www.gstatic.com/recaptcha/"),
    ],
)
def test_the_captcha_is_on_this_page_and_its_sources_are_allowed_here_only(name, element, source, index, vendor):
    browser = coming(asking(index, vendor, name))
    got = browser.get(PAGE)
    [box] = [one for one in got.page.all("div") if one.attributes.get("class") == element]
    assert box.attributes["data-sitekey"] == "our-site"
    policy = dict(part.strip().partition(" ")[::2] for part in got.headers["content-security-policy"].split(";"))
    assert source in policy["script-src"] and "'self'" in policy["script-src"]
    assert "frame-src" in policy and "'none'" not in policy["frame-src"]
    assert source not in browser.get("/account/login/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("body", "status", "field"), [(b'{"success": false}', 400, "captcha"), (b"<html>", 400, None), (b"", 303, None)]
)
def test_an_account_is_opened_for_whom_the_captcha_lets_pass(body, status, field, index, vendor):
    vendor.body = body or b'{"success": true}'
    at = asking(index, vendor)
    browser = coming(at, address="203.0.113.5")
    browser.get(PAGE)
    got = browser.submit(
        action=PAGE, follow=False, **SAID, **{"h-captcha-response": "words", "g-recaptcha-response": "w"}
    )
    assert got.status == status
    assert [name for name in mistakes(browser) if status == 400] == ([field] if field else [])
    sent = parse_qs(vendor.asked[0].body.decode())
    assert (sent["response"], sent["secret"], sent["remoteip"]) == (["words"], ["our-secret"], ["203.0.113.5"])
    assert bool(at.history()) == (status == 303)


def invited(index, **settings: str) -> tuple[Door, Browser, str]:
    at = door(index, ACCOUNTS__REGISTRATION="invitation", **settings)
    with at.work(OPERATOR) as work:
        invite(work, "ada@example.com")
    return at, coming(at), at.link()


def test_an_invitation_leads_to_the_form_and_into_the_site(index):
    at, browser, link = invited(index)
    got = browser.open(link)
    assert got.status == 200
    assert "ada@example.com" in got.text and "email" not in [
        one.attributes.get("name") for one in got.page.all("input")
    ]
    assert got.headers["referrer-policy"] == "same-origin"
    got = browser.submit(action="/account/invitation/", **{**SAID, "email": "eve@example.com"})
    assert (got.status, browser.path) == (200, "/")
    assert flashes(browser) == ["Welcome. Your account is open, and your address is verified."]
    assert at.emails() == {"ada@example.com": "primary verified"}


def test_mistakes_leave_the_invited_where_they_are(index):
    at, browser, link = invited(index)
    browser.open(link)
    got = browser.submit(action="/account/invitation/", **{**SAID, "new_password": "x"})
    assert got.status == 400
    assert mistakes(browser) == ["new_password", "password_confirm"]
    assert browser.submit(action="/account/invitation/", follow=False, **SAID).status == 303
    assert "account:create" in at.history()


def test_an_address_that_is_somebodys_by_now_is_said_above_the_form(index):
    at, browser, link = invited(index)
    browser.open(link)
    index.user("other")
    with at.work() as work:
        work.db.execute(update(Email).values(address="ada@example.com"))
    got = browser.submit(action="/account/invitation/", **SAID)
    assert got.status == 400 and "Another account uses this e-mail address." in got.text
    assert mistakes(browser) == []


@pytest.mark.parametrize("query", ["", "?token=", "?token=nonsense", "?token=" + "x" * 9000])
def test_a_link_that_is_no_good_leads_home(query, index):
    browser = coming(door(index, ACCOUNTS__REGISTRATION="invitation"))
    got = browser.open(f"/account/invitation/{query}")
    assert (got.status, browser.path) == (200, "/")
    assert len(flashes(browser)) == 1


def test_a_link_that_was_used_leads_home(index):
    _, browser, link = invited(index)
    browser.open(link)
    browser.submit(action="/account/invitation/", **SAID)
    browser.cookies.clear()
    browser.open(link)
    assert flashes(browser) == ["This invitation was used or taken back. Ask for another one."]


NO_ANSWERS = ("\0", "a\0b@example.com", "x" * 50_000, "\u202e", " ")


def test_whatever_somebody_types_is_answered_and_opens_no_account_unless_it_is_right(index):
    at = door(index)
    browser = coming(at)
    browser.get(PAGE)
    for field in SAID:
        for text in NO_ANSWERS:
            if (field, text) == ("full_name", " "):
                continue  # which is no name, and may be left out
            got = browser.submit(action=PAGE, follow=False, **{**SAID, field: text})
            assert got.status == 400, (field, text[:20])
    assert at.history() == []


def test_a_form_without_any_of_its_fields_is_shown_again(index):
    at = door(index)
    browser = coming(at)
    browser.get(PAGE)
    assert browser.post(PAGE).status == 400
    assert mistakes(browser) == ["email", "username", "new_password"]
