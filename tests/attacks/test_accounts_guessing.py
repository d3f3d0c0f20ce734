"""Guessing passwords and codes, from many places and in parallel, and finding out who has an account."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from tests.attacks.accounts import path_of, signed_in, victim, with_settings
from tests.index import Index
from tests.web.browser import PASSWORD, Browser
from tests.web.client import Client, Got
from warehouse.domain.accounts import User
from warehouse.infra.passwords import Passwords
from warehouse.operations import moderating_people
from warehouse.web.app import make_web_app
from warehouse.work import Tools

AT_ONCE = 8  # as many as one process answers at the same time
GUESSES = 40
NO_DETAILS = {"next_route_matchdict": "{}", "next_route_query": "{}"}


class Counting(Passwords):
    """Counts the hashes."""

    computed = 0

    def hash(self, password: str) -> str:
        self.computed += 1
        return super().hash(password)

    def matches(self, password: str, hashed: str) -> bool:
        self.computed += 1
        return super().matches(password, hashed)


@pytest.fixture
def passwords() -> Counting:
    return Counting(memory=64, time=1, parallelism=1, at_once=4, waiting=100, patience=60)


@pytest.fixture
def here(tools: Tools, passwords: Counting) -> Tools:
    return replace(with_settings(tools), passwords=passwords)


def guess(site: Client, address: str, username: str = "ada", password: str = "wrong") -> Got:
    """Send the form from this network address."""
    return site.post(
        "/account/login/",
        {"username": username, "password": password},
        REMOTE_ADDR=address,
        HTTP_ORIGIN="http://index.test",
    )


def test_of_guesses_from_everywhere_at_once_no_more_are_judged_than_allowed(here: Tools, passwords: Counting) -> None:
    victim(here)
    site = Client(make_web_app(here))
    passwords.computed = 0
    with ThreadPoolExecutor(AT_ONCE) as botnet:
        answers = list(botnet.map(lambda n: guess(site, f"198.51.100.{n}").status, range(GUESSES)))
    assert Counter(answers) == {400: 10, 429: GUESSES - 10}
    assert passwords.computed == 10
    # The right one is not told from a wrong one either.
    assert guess(site, "198.51.100.200", password=PASSWORD).status == 429


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::{:x}"])
def test_of_guesses_for_everybody_from_one_network_no_more_are_judged_than_allowed(
    here: Tools, passwords: Counting, address: str
) -> None:
    names = [f"user{number}" for number in range(15)]
    for name in names:
        Index(here).user(name, verified=True)
    site = Client(make_web_app(here))
    passwords.computed = 0
    answers = [guess(site, address.format(n), name).status for n, name in enumerate(names)]
    assert Counter(answers) == {400: 10, 429: 5}
    assert passwords.computed == 10


def test_who_forges_where_they_come_from_gains_nothing(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))
    forged = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_TRUE_CLIENT_IP")
    statuses = []
    for n in range(12):
        headers = {name: f"for=198.51.100.{n}" if name == "HTTP_FORWARDED" else f"198.51.100.{n}" for name in forged}
        form = {"username": "ada", "password": "wrong"}
        statuses.append(site.post("/account/login/", form, HTTP_ORIGIN="http://index.test", **headers).status)
    assert statuses[10:] == [429, 429]


@pytest.mark.parametrize(
    ("route", "fields"),
    [
        ("account.reauthenticate", {"next_route": "manage.account", **NO_DETAILS}),
        ("manage.delete", {"confirm_username": "ada"}),
        ("manage.tokens.revoke", {}),
        ("manage.password", {"new_password": "short", "password_confirm": "short"}),
    ],
)
def test_no_form_for_who_is_signed_in_lets_a_thief_guess_on(
    here: Tools, passwords: Counting, route: str, fields: dict[str, str]
) -> None:
    user = victim(here, secured=False)
    thief = signed_in(here, user)
    path = path_of(route, here, user)
    passwords.computed = 0
    for _ in range(14):
        thief.post(path, follow=False, password="wrong", **fields)
    assert passwords.computed == 10
    assert guess(Client(make_web_app(here)), "198.51.100.1", password=PASSWORD).status == 429


def test_codes_are_guessed_no_more_often_than_allowed_however_many_try(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))
    step = guess(site, "192.0.2.1", password=PASSWORD).leads_to
    assert step.startswith("/account/two-factor/?")

    def code(number: int) -> int:
        form = {"totp_value": f"{number:06}"}
        return site.post(step, form, REMOTE_ADDR=f"198.51.100.{number}", HTTP_ORIGIN="http://index.test").status

    with ThreadPoolExecutor(AT_ONCE) as botnet:
        answers = Counter(botnet.map(code, range(GUESSES)))
    assert answers == {400: 5, 429: GUESSES - 5}
    recovery = step.replace("two-factor", "recovery-code")
    got = site.post(recovery, {"recovery_code_value": "0" * 16}, HTTP_ORIGIN="http://index.test")
    assert got.status == 429  # one budget for all second factors


def test_there_is_no_second_step_without_the_first(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))
    for page in ("/account/two-factor/", "/account/recovery-code/"):
        for query in ("", "?userid=1", "?eyJ1c2VyIjoiMSJ9.aaaa.bbbb"):
            form = {"totp_value": "000000", "recovery_code_value": "0" * 16}
            got = site.post(page + query, form, HTTP_ORIGIN="http://index.test")
            assert got.status == 303 and got.leads_to.startswith("/account/login/")


@contextmanager
def noted(tools: Tools) -> Iterator[list[str]]:
    """What the database is asked meanwhile, without the values."""
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(re.sub(r"\s+", " ", str(args[2])))

    event.listen(tools.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(tools.database.engine, "before_cursor_execute", note)


def answered(got: Got) -> tuple[object, ...]:
    """The answer without what differs by chance or was typed in."""
    text = re.sub(r'value="[^"]*"', "", got.text)
    headers = {name: value for name, value in got.headers.items() if name not in ("set-cookie", "content-length")}
    return got.status, headers, text


def people(here: Tools) -> list[str]:
    """Names of accounts of every kind, whose password is not "wrong"."""
    index = Index(here)
    index.user("plain", verified=True)
    index.user("unverified")
    index.user("root", verified=True, administrator=True)
    victim(here, "secured")
    for name in ("frozen", "disabled", "without"):
        index.user(name, verified=True)
    with index.work() as work:
        found = {user.username: user for user in work.db.query(User)}
        moderating_people.freeze(work, found["frozen"])
        moderating_people.disable_password(work, found["disabled"])
        found["without"].password_hash = None
    return ["plain", "unverified", "root", "secured", "frozen", "disabled", "without"]


def test_a_wrong_password_tells_nothing_of_the_account_nor_does_the_work_it_takes(
    here: Tools, passwords: Counting
) -> None:
    names = people(here)
    site = Client(make_web_app(here))
    seen = {}
    for n, name in enumerate(names):
        guess(site, f"198.51.100.{n}", name)  # the first of each address counts in a new row
        passwords.computed = 0
        with noted(here) as statements:
            got = guess(site, f"198.51.100.{n}", name)
        seen[name] = (answered(got), passwords.computed, statements)
    for name in names:
        assert seen[name] == seen["plain"], name
    assert seen["plain"][1] == 1


def test_asking_for_a_new_password_tells_nothing_nor_does_the_work_it_takes(here: Tools, passwords: Counting) -> None:
    names = [*people(here), "nobody", "plain@example.com", "nobody@example.com"]
    site = Client(make_web_app(here))
    seen = {}
    for name in names:
        passwords.computed = 0
        with noted(here) as statements:
            form = {"username_or_email": name}
            got = site.post("/account/request-password-reset/", form, HTTP_ORIGIN="http://index.test")
        seen[name] = (answered(got), passwords.computed, statements)
    assert seen["nobody"][0][0] == 200
    for name in names:
        assert seen[name] == seen["nobody"], name


def test_asking_for_a_new_password_too_often_tells_nothing_either(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))

    def ask(name: str) -> list[int]:
        form = {"username_or_email": name}
        headers = {"HTTP_ORIGIN": "http://index.test"}
        return [site.post("/account/request-password-reset/", form, **headers).status for _ in range(8)]

    assert ask("ada") == ask("nobody") == [200] * 5 + [429] * 3


def test_the_page_of_a_form_is_the_same_for_everybody(here: Tools) -> None:
    victim(here)
    browser = Browser(Client(make_web_app(here)))
    one = browser.get("/account/login/?username=ada").text
    assert one == browser.get("/account/login/?username=nobody").text
