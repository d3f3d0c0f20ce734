"""Sessions that somebody plants, steals or keeps for too long, and pages that show them to others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.attacks.accounts import (
    ELSEWHERE,
    HERE,
    path_of,
    readable_routes,
    session_ages,
    signed_in,
    victim,
    with_settings,
)
from tests.builders import wheel
from tests.index import Index
from tests.web.browser import PASSWORD, Browser
from tests.web.client import Client
from warehouse.domain.accounts import User, UserSession
from warehouse.operations import moderating_people
from warehouse.operations.accounts import set_password
from warehouse.operations.banning import ban_address
from warehouse.operations.passwords import give_password
from warehouse.operations.removing_people import remove_user
from warehouse.operations.sessions import end_sessions
from warehouse.web.app import make_web_app
from warehouse.work import Tools, Work

PRIVATE = "/manage/account/"


@pytest.fixture
def here(tools: Tools) -> Tools:
    """An index where accounts are all there is to one, without second factors."""
    return with_settings(tools)


def is_in(browser: Browser) -> bool:
    return browser.get(PRIVATE).status == 200


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(here: Tools) -> None:
    victim(here, secured=False)
    planted = "x" * 43
    browser = Browser(Client(make_web_app(here)))
    browser.cookies["session_id"] = planted
    browser.sign_in("ada")
    assert browser.cookies["session_id"] != planted
    assert is_in(browser)
    attacker = Browser(Client(make_web_app(here)), address=ELSEWHERE)
    attacker.cookies["session_id"] = planted
    assert not is_in(attacker)


def test_the_attackers_own_session_that_was_planted_ends_when_the_victim_signs_in(here: Tools) -> None:
    victim(here, secured=False)
    attacker = signed_in(here, victim(here, "mallory", secured=False), address=ELSEWHERE)
    browser = Browser(Client(make_web_app(here)))
    browser.open("/account/login/")
    browser.cookies = dict(attacker.cookies)  # while the form was open
    got = browser.post("/account/login/", follow=False, username="ada", password=PASSWORD)
    # Whoever is signed in is not signed in as somebody else unseen: either nothing happened, or it is a new session.
    assert got.status in (303, 403)
    assert browser.cookies["session_id"] == attacker.cookies["session_id"]
    assert "mallory" in browser.get(PRIVATE).page.text("header")


def test_each_signing_in_makes_another_session_and_another_token_of_its_forms(here: Tools) -> None:
    user = victim(here, secured=False)
    browsers = [signed_in(here, user) for _ in range(5)]
    assert len({browser.cookies["session_id"] for browser in browsers}) == 5
    assert len({browser.csrf_token for browser in browsers}) == 5
    assert all(len(browser.cookies["session_id"]) >= 43 for browser in browsers)  # 256 bits


def test_the_database_alone_opens_no_session(here: Tools) -> None:
    browser = signed_in(here, victim(here, secured=False))
    secret = browser.cookies["session_id"]
    with here.database.session() as db:
        (session,) = db.query(UserSession)
        stored = [str(session.id), session.digest.hex(), session.digest.decode("latin-1"), session.csrf_token]
    for guess in stored:
        assert secret != guess
        attacker = Browser(Client(make_web_app(here)))
        attacker.cookies["session_id"] = re.sub(r"[^!-~]|[;,\"\\]", "", guess)
        assert not is_in(attacker)


ENDS: dict[str, Callable[[Work, User], object]] = {
    "the password is changed": lambda work, user: give_password(work, user, "another horse altogether"),
    "an operator gives a password": lambda work, user: set_password(work, user, "another horse altogether"),
    "the password is disabled": moderating_people.disable_password,
    "the account is frozen": moderating_people.freeze,
    "the account is deleted": remove_user,
    "the network address is banned": lambda work, user: ban_address(work, HERE),
    "all sessions are ended": end_sessions,
}


@pytest.mark.parametrize("event", ENDS)
def test_no_session_outlives_what_ends_it(here: Tools, event: str) -> None:
    user = victim(here, secured=False)
    browsers = [signed_in(here, user) for _ in range(2)]
    kept = [dict(browser.cookies) for browser in browsers]
    assert all(is_in(browser) for browser in browsers)
    with Index(here).work() as work:
        ENDS[event](work, work.db.get_one(User, user))
    for browser, cookies in zip(browsers, kept, strict=True):
        browser.cookies = dict(cookies)
        assert not is_in(browser)


def test_signing_out_ends_the_session_for_whoever_copied_its_cookie(here: Tools) -> None:
    browser = signed_in(here, victim(here, secured=False))
    thief = Browser(Client(make_web_app(here)), address=ELSEWHERE)
    thief.cookies = dict(browser.cookies)
    assert is_in(thief)
    browser.open("/account/logout/")
    browser.post("/account/logout/")
    assert not is_in(thief)


@pytest.mark.parametrize(("by", "lasts"), [({"hours": 11}, True), ({"hours": 13}, False), ({"days": 15}, False)])
def test_a_session_ends_by_itself(here: Tools, by: dict[str, float], lasts: bool) -> None:
    user = victim(here, secured=False)
    browser = signed_in(here, user)
    session_ages(here, user, timedelta(**by))
    assert is_in(browser) or not lasts
    if not lasts:
        assert not is_in(browser)


def test_a_session_that_is_used_all_the_time_ends_too(here: Tools) -> None:
    user = victim(here, secured=False)
    browser = signed_in(here, user)
    for _ in range(29):  # two weeks
        session_ages(here, user, timedelta(hours=11.9))
        browser.get("/manage/account/sessions/")
    assert not is_in(browser)


def test_sensitive_pages_ask_for_the_password_again(here: Tools) -> None:
    user = victim(here, secured=False)
    browser = signed_in(here, user)
    session_ages(here, user, timedelta(minutes=31))
    for path in ("/manage/account/token/", "/manage/account/emails/", "/manage/account/delete/", "/manage/account/"):
        got = browser.get(path)
        assert got.status == 200
        assert [one for one in got.page.all("input") if one.attributes.get("type") == "password"], path


def test_whoever_copied_a_cookie_is_left_behind_when_the_password_is_typed_again(here: Tools) -> None:
    user = victim(here, secured=False)
    browser = signed_in(here, user)
    session_ages(here, user, timedelta(minutes=31))
    thief = Browser(Client(make_web_app(here)), address=ELSEWHERE)
    thief.cookies = dict(browser.cookies)
    browser.open("/manage/account/token/")
    browser.submit(action="/account/reauthenticate/", password="wrong")
    assert is_in(thief)
    browser.submit(action="/account/reauthenticate/", password=PASSWORD)
    assert browser.path == "/manage/account/token/" and is_in(browser)
    assert not is_in(thief)


def test_a_form_that_is_undone_keeps_its_visitor_signed_in(here: Tools) -> None:
    """Also when the password in it was right: what was kept of that was undone, too."""
    user = victim(here, secured=False)
    index = Index(here)
    with index.work() as work:
        ada = work.db.get_one(User, user)
    assert index.upload(wheel("demo"), by=ada).status == 200  # whose only owner cannot leave
    browser = signed_in(here, user)
    got = browser.post("/manage/account/delete/", follow=False, confirm_username="ada", password=PASSWORD)
    assert got.status == 409
    assert is_in(browser)


def test_cookies_are_for_this_site_and_not_for_scripts_or_eavesdroppers(here: Tools) -> None:
    victim(here, secured=False)
    browser = Browser(Client(make_web_app(here)))
    browser.environ |= {"wsgi.url_scheme": "https", "HTTP_ORIGIN": "https://index.test"}
    browser.open("/account/login/")
    got = browser.post("/account/login/", follow=False, username="ada", password=PASSWORD)
    assert got.status == 303
    flags = {line.partition("=")[0]: set(line.split("; ")[1:]) for line in got.cookies}
    assert {"secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags["__Host-session_id"]
    assert not any(flag.lower().startswith("domain") for named in flags.values() for flag in named)
    assert all({"secure"} <= named for named in flags.values())
    assert {name for name, named in flags.items() if "HttpOnly" not in named} == {"user_id__insecure"}


def test_no_cache_keeps_a_page_of_somebody_and_no_site_frames_one(here: Tools) -> None:
    here = with_settings(here, WAREHOUSE_PAGES__MAX_AGE="10 min")
    user = victim(here, administrator=True)
    browser = signed_in(here, user)
    for route in readable_routes():
        got = browser.get(path_of(route, here, user))
        is_page = got.headers.get("content-type", "").startswith("text/html")
        caching = got.headers.get("cache-control", "")
        is_shared = is_page and 'data-html-include="/_includes/authed/' in got.text  # says of ada what everybody sees
        if route.startswith(("manage.", "account.")) or (is_page and not is_shared and re.search(r"\bada\b", got.text)):
            assert "no-store" in caching and "public" not in caching, (route, caching)
        if is_page:
            assert "frame-ancestors 'none'" in got.headers["content-security-policy"], route
            assert "unsafe" not in got.headers["content-security-policy"], route
            assert got.headers["x-content-type-options"] == "nosniff", route


def test_a_session_is_of_no_use_where_programs_come(here: Tools) -> None:
    user = victim(here, secured=False)
    browser = signed_in(here, user)
    index = Index(with_settings(here, WAREHOUSE_ACCESS__READ="signed_in"))
    cookie = f"session_id={browser.cookies['session_id']}"
    for path in ("/simple/", "/simple/demo/", "/pypi/demo/json"):
        assert index.get(path, cookie=cookie).status == 401, path
    answer = index.upload(wheel("demo"), headers={"cookie": cookie})
    assert answer.status in (401, 403)


def test_nobody_reaches_what_is_anothers_by_its_number(here: Tools) -> None:
    """Insecure direct object references: tokens, addresses, keys and sessions of others are not there."""
    user = victim(here, secured=True, administrator=False)
    thief = signed_in(here, victim(here, "mallory"))
    with here.database.session() as db:
        before = db.query(User).filter_by(id=user).one().emails[0].address
    doors = [
        "manage.emails.remove",
        "manage.emails.make_primary",
        "manage.emails.verify",
        "manage.tokens.revoke",
        "manage.sessions.end",
        "manage.security_key.remove",
        "manage.associations.remove",
    ]
    signed_in(here, user)
    for route in doors:
        got = thief.post(path_of(route, here, user), follow=False, password=PASSWORD, confirm_label="blue")
        assert got.status in (303, 400, 403, 404), (route, got.status)
    with here.database.session() as db:
        found = db.query(User).filter_by(id=user).one()
        assert found.emails[0].address == before
        assert len(found.emails) == 2
        for table in ("tokens", "security_keys", "associations", "user_sessions"):
            assert db.scalar(text(f"SELECT count(*) FROM {table} WHERE user_id = :user"), {"user": user}) == 1, table


@pytest.mark.parametrize(
    "route", ["manage.totp", "manage.totp.image", "manage.security_key", "manage.security_key.options"]
)
def test_a_thief_of_an_old_session_adds_no_second_factor_of_their_own(here: Tools, route: str) -> None:
    user = victim(here)
    with here.database.session() as db:
        before = db.get_one(User, user).totp_secret
        db.execute(text("UPDATE recovery_codes SET burned_at = now() WHERE id = (SELECT min(id) FROM recovery_codes)"))
        db.commit()
    thief = signed_in(here, user)
    session_ages(here, user, timedelta(minutes=31))
    got = thief.get(path_of(route, here, user))
    assert [one for one in got.page.all("input") if one.attributes.get("type") == "password"]
    form = {"totp_value": "000000", "secret": "A" * 32, "label": "mine", "credential": "{}"}
    for path in ("/manage/account/totp-provision/", "/manage/account/webauthn-provision/validate"):
        assert "password" in thief.post(path, follow=False, **form).text
    with here.database.session() as db:
        assert db.get_one(User, user).totp_secret == before
