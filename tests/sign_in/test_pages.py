"""Signing out, typing the password again, and changing or resetting it, as browsers see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.conftest import CHEAP_PASSWORDS
from tests.index import Index
from tests.jobs.test_queue import waiting
from tests.sign_in.conftest import CAFE, HOME, Account, MakeAccount
from tests.web.browser import Browser, browser
from warehouse.domain.accounts import Association, User, UserSession
from warehouse.operations import devices
from warehouse.operations.passwords import mail_password_reset
from warehouse.operations.sign_in import finish
from warehouse.work import SYSTEM, begin

NEW = "hamster unicycle"


@pytest.fixture
def ada(account: MakeAccount) -> Account:
    return account()


@pytest.fixture
def visitor(index: Index, ada: Account) -> Browser:
    return browser(index.tools)


@pytest.fixture
def at_home(visitor: Browser) -> Browser:
    """Ada's browser, signed in."""
    visitor.get("/account/login/")
    visitor.submit(action="/account/login/", follow=False, username="ada", password="correct horse")
    assert "session_id" in visitor.cookies
    return visitor


def sessions(index: Index) -> int:
    with index.work() as work:
        return work.db.query(UserSession).count()


# Signing out


def test_a_link_asks_and_a_form_signs_out(at_home: Browser, index: Index) -> None:
    assert "Sign out?" in at_home.get("/account/logout/").text
    assert sessions(index) == 1
    got = at_home.post("/account/logout/", follow=False)
    assert (got.status, got.leads_to) == (303, "/")
    assert at_home.cookies == {} and sessions(index) == 0


def test_whoever_is_signed_out_goes_where_they_wanted(at_home: Browser) -> None:
    assert "evil" not in at_home.get("/account/logout/?next=//evil.example/").text
    assert at_home.post("/account/logout/", follow=False, next="/search/?q=a").leads_to == "/search/?q=a"


def test_who_is_not_signed_in_is_led_on(visitor: Browser) -> None:
    assert visitor.get("/account/logout/").leads_to == "/"
    assert visitor.post("/account/logout/", follow=False).leads_to == "/"


def test_another_site_signs_nobody_out(at_home: Browser, index: Index) -> None:
    at_home.environ["HTTP_ORIGIN"] = "https://evil.example"
    assert at_home.post("/account/logout/", follow=False).status == 403
    assert sessions(index) == 1


# Typing the password again


@pytest.fixture
def grow_old(index: Index) -> Callable[[], None]:
    def grow() -> None:
        with index.work() as work:
            work.db.query(UserSession).update({"authenticated_at": datetime.now(UTC) - timedelta(minutes=31)})

    return grow


AGAIN = "/account/reauthenticate/"


def test_after_half_an_hour_the_password_is_asked_for_in_place(at_home: Browser, grow_old: Callable[[], None]) -> None:
    page = "/manage/account/password/?from=mail&from=menu"
    assert "Change your password" in at_home.get(page).text
    grow_old()
    got = at_home.get(page)
    assert got.status == 200 and "Confirm your password" in got.text
    got = at_home.submit(action=AGAIN, follow=False, password="wrong")
    assert (got.status, got.leads_to) == (303, page)
    got = at_home.get(page)
    assert "Confirm your password" in got.text and "The password is wrong" in got.text
    got = at_home.submit(action=AGAIN, follow=False, password="correct horse")
    assert (got.status, got.leads_to) == (303, page)
    assert "Change your password" in at_home.get(page).text


def test_what_a_form_sent_is_not_done_before(at_home: Browser, grow_old: Callable[[], None], ada: Account) -> None:
    at_home.get("/manage/account/password/")
    grow_old()
    got = at_home.submit(
        action="/manage/account/password/", password="correct horse", new_password=NEW, password_confirm=NEW
    )
    assert "Confirm your password" in got.text
    assert at_home.submit(action=AGAIN, follow=False, password="correct horse").leads_to == "/manage/account/password/"
    assert ada.history("account:password") == []


def again(**changes: str) -> dict[str, str]:
    usual = {"next_route": "home", "next_route_matchdict": "{}", "next_route_query": "{}", "password": "correct horse"}
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "/"),
        ({"next_route_query": '{"a": "ż&", "b": ["1", "2"]}'}, "/?a=%C5%BC%26&b=1&b=2"),
        ({"next_route": "profile", "next_route_matchdict": '{"username": "ada", "more": "x"}'}, "/user/ada/"),
        ({"next_route": "profile", "next_route_matchdict": '{"username": "a?#b"}'}, "/user/a%3F%23b/"),
    ],
)
def test_it_leads_back_to_the_page_that_asked(at_home: Browser, fields: dict[str, str], path: str) -> None:
    at_home.get("/account/logout/")
    got = at_home.post(AGAIN, follow=False, **again(**fields))
    assert got.status == 303
    assert got.leads_to == path


@pytest.mark.parametrize(
    "fields",
    [
        {"next_route": "nonsense"},
        {"next_route": ""},
        {"next_route": "profile"},
        {"next_route_matchdict": ""},
        {"next_route_matchdict": "{"},
        {"next_route_matchdict": "[]"},
        {"next_route_matchdict": "null"},
        {"next_route_matchdict": '{"username": 1}'},
        {"next_route": "profile", "next_route_matchdict": '{"username": "../..//evil.example"}'},
        {"next_route_matchdict": '{"_host": "evil.example"}'},
        {"next_route_matchdict": '{"_app_url": "https://evil.example"}'},
        {"next_route_matchdict": "[" * 5000},
        {"next_route_query": '{"a": {"b": "c"}}'},
        {"next_route_query": '{"a": [1]}'},
        {"next_route_query": '"a"'},
    ],
)
def test_what_our_form_never_holds_is_refused(at_home: Browser, fields: dict[str, str]) -> None:
    at_home.get("/account/logout/")
    assert at_home.post(AGAIN, follow=False, **again(**fields)).status == 400


def test_strangers_have_nothing_to_confirm(visitor: Browser) -> None:
    assert visitor.post(AGAIN, follow=False, **again()).leads_to == "/account/login/"


def test_guessing_here_counts_like_guessing_there(at_home: Browser) -> None:
    at_home.get("/account/logout/")
    for _ in range(10):
        assert at_home.post(AGAIN, follow=False, **again(password="wrong")).status == 303
    got = at_home.post(AGAIN, follow=False, **again())
    assert (got.status, got.reason) == (429, "Too Many Failed Login Attempts")
    assert int(got.headers["retry-after"]) > 0


ISSUERS = '{"corp": {"issuer": "https://login.example.org", "client_id": "index", "title": "Corp & Co"}}'


def test_who_has_no_password_confirms_at_their_issuer(
    index: Index, ada: Account, at_home: Browser, grow_old: Callable[[], None]
) -> None:
    ada.change(password_hash=None)
    with index.work() as work:
        known = {"service": "oidc:corp", "external_id": "1", "external_username": "ada"}
        work.db.add(Association(user_id=ada.id, **known))
    grow_old()
    trusting = browser(index.tools, **CHEAP_PASSWORDS, WAREHOUSE_SIGN_ON__ISSUERS=ISSUERS)
    trusting.cookies = at_home.cookies
    page = trusting.get("/manage/account/password/?a=b").page
    links = [link.attributes["href"] for link in page.all("a")]
    assert "/account/sso/corp/?again&next=/manage/account/password/%3Fa%3Db" in links
    assert not [field for field in page.all("input") if field.attributes.get("type") == "password"]
    assert "Confirm with Corp & Co" in page.text("main")
    assert "no password" in at_home.get("/manage/account/password/").page.text("main")


# Changing the password


def test_changing_the_password(at_home: Browser, index: Index, ada: Account) -> None:
    elsewhere = browser(index.tools)
    elsewhere.get("/account/login/")
    elsewhere.submit(action="/account/login/", follow=False, username="ada", password="correct horse")
    at_home.get("/manage/account/password/")
    got = at_home.submit(
        action="/manage/account/password/", password="correct horse", new_password=NEW, password_confirm=NEW
    )
    assert got.status == 200 and "You have a new password" in got.text
    assert elsewhere.get("/manage/account/password/").leads_to.startswith("/account/login/")
    assert ada.subjects() == ["Your password was changed"]


def test_mistakes_stand_beside_their_fields(at_home: Browser) -> None:
    at_home.get("/manage/account/password/")
    got = at_home.submit(
        action="/manage/account/password/", password="wrong", new_password="password1", password_confirm="x"
    )
    assert got.status == 400
    mistaken = [field.attributes["id"] for field in got.page.all("input") if "aria-invalid" in field.attributes]
    assert mistaken == ["password", "new_password", "password_confirm"]
    assert "wrong" not in [field.attributes.get("value") for field in got.page.all("input")]


def test_who_has_none_chooses_a_first_one(at_home: Browser, ada: Account, index: Index) -> None:
    with index.work() as work:
        work.db.get_one(User, ada.id).password_hash = None
    assert "Choose a password" in at_home.get("/manage/account/password/").text
    got = at_home.submit(action="/manage/account/password/", new_password=NEW, password_confirm=NEW)
    assert "You have a new password" in got.text and "Change your password" in got.text


def test_where_issuers_vouch_for_everybody_there_is_nothing_to_change_or_reset(index: Index, at_home: Browser) -> None:
    only = {"WAREHOUSE_SIGN_ON__ISSUERS": ISSUERS, "WAREHOUSE_SIGN_ON__PASSWORDS": "off"}
    trusting = browser(index.tools, **CHEAP_PASSWORDS, **only)
    for path in ("/account/request-password-reset/", "/account/login/"):
        got = trusting.post(path, follow=False, username="ada", password="correct horse", username_or_email="ada")
        assert got.status == 403 and "single sign-on" in got.text
    trusting.cookies = at_home.cookies
    got = trusting.get("/manage/account/password/")
    assert got.status == 403 and "single sign-on" in got.text


# Resetting it


def work_off(index: Index) -> None:
    for name, args in waiting(index.tools):
        if name == "mail_password_reset":
            with begin(index.tools, SYSTEM) as work:
                mail_password_reset(work, **args)


def test_from_a_forgotten_password_to_a_new_one(visitor: Browser, index: Index, ada: Account) -> None:
    visitor.get("/account/request-password-reset/")
    got = visitor.submit(action="/account/request-password-reset/", username_or_email="ada")
    assert got.status == 200 and "6 hours" in got.text
    work_off(index)
    page = f"/account/reset-password/?token={ada.link()}"
    got = visitor.get(page)
    assert got.status == 200 and "For the account ada" in got.text
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["referrer-policy"] == "same-origin"
    got = visitor.submit(
        action="/account/reset-password/", follow=False, new_password="password1", password_confirm="password1"
    )
    assert got.status == 400 and "easy to guess" in got.text
    got = visitor.submit(action="/account/reset-password/", new_password=NEW, password_confirm=NEW)
    assert "You have a new password. Sign in with it." in got.text
    assert visitor.path == "/account/login/"
    assert visitor.submit(action="/account/login/", follow=False, username="ada", password=NEW).status == 303
    assert browser(index.tools).open(page).page.text("h1") == "Reset your password"


def test_the_answer_is_the_same_for_everybody(visitor: Browser, index: Index, account: MakeAccount) -> None:
    account("bob", verified=False)
    account("root", is_administrator=True)
    answers = set()
    for whom in ("ada", "bob", "root", "nobody", "ada@example.com", "nobody@example.com"):
        visitor.get("/account/request-password-reset/")
        got = visitor.submit(action="/account/request-password-reset/", username_or_email=whom)
        answers.add((got.status, got.text, tuple(sorted(got.headers.items()))))
    assert len(answers) == 1


@pytest.mark.parametrize(("token", "said"), [("", "not complete"), ("nonsense", "not valid")])
def test_a_link_that_is_none_leads_to_asking_again(visitor: Browser, token: str, said: str) -> None:
    got = visitor.open(f"/account/reset-password/?token={token}")
    assert urlsplit(visitor.path).path == "/account/request-password-reset/" and said in got.text
    assert visitor.post(f"/account/reset-password/?token={token}", follow=False, new_password=NEW).status == 303


def test_what_is_neither_name_nor_address_is_said(visitor: Browser) -> None:
    visitor.get("/account/request-password-reset/")
    got = visitor.submit(action="/account/request-password-reset/", username_or_email=" ")
    assert got.status == 400 and "Type your username" in got.text


def test_asking_too_often_is_refused_whoever_it_is(visitor: Browser) -> None:
    for _ in range(5):
        assert visitor.post("/account/request-password-reset/", username_or_email="nobody").status == 200
    got = visitor.post("/account/request-password-reset/", username_or_email="nobody")
    assert got.status == 429 and int(got.headers["retry-after"]) > 0


def test_who_is_signed_in_is_led_to_changing_it(at_home: Browser) -> None:
    assert at_home.get("/account/request-password-reset/").leads_to == "/manage/account/password/"


# An unknown network address


CONFIRMING = {**CHEAP_PASSWORDS, "WAREHOUSE_ACCOUNTS__CONFIRM_NEW_DEVICES": "yes"}


def test_the_page_tells_of_the_mail_and_the_link_signs_in(index: Index, ada: Account) -> None:
    at_cafe, elsewhere = (browser(index.tools, address=address, **CONFIRMING) for address in (CAFE, HOME))
    with ada.work(at=CAFE) as (work, user):
        devices.ask_to_confirm(work, user)
    page = "/account/confirm-login/"
    assert "mail" in at_cafe.get(page).page.text("main")
    link = f"{page}?token={ada.link()}"
    assert at_cafe._ask("HEAD", link, b"", {}).status == 200
    assert sessions(index) == 0
    got = elsewhere.open(link)
    assert elsewhere.path == "/account/login/" and "only works from the network address" in got.text
    got = at_cafe.get(link)
    assert (got.status, got.leads_to) == (303, "/manage/projects/") and "session_id" in at_cafe.cookies
    assert got.headers["cache-control"] == "no-store" and got.headers["referrer-policy"] == "no-referrer"
    assert at_cafe.get(link).leads_to == "/manage/projects/"
    assert browser(index.tools, address=CAFE, **CONFIRMING).get(link).leads_to == "/account/login/"
    with ada.work(at=CAFE) as (work, user):
        assert finish(work, user, method="totp").secret is not None
    assert json.dumps(ada.history("account:login")).count("success") == 2
