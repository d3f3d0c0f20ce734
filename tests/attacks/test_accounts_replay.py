"""What counts once, used twice: links, codes and steps, one after the other and by many at the same time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.attacks.accounts import ELSEWHERE, HERE, TOTP_SECRET, victim, with_settings
from tests.index import Index
from tests.jobs.test_queue import waiting
from tests.web.browser import PASSWORD, Browser
from tests.web.client import Client, Got
from warehouse.domain.accounts import User, UserSession
from warehouse.infra.jobs import JOBS
from warehouse.operations import links, recovery_codes
from warehouse.operations.links import Purpose
from warehouse.standards import totp
from warehouse.web.app import make_web_app
from warehouse.work import Actor, ActorKind, Tools
from warehouse.worker.main import perform

MANY = 8
OURS = {"HTTP_ORIGIN": "http://index.test"}


@pytest.fixture
def here(tools: Tools) -> Tools:
    return with_settings(tools)


def all_at_once(ask: Callable[[int], Got]) -> list[Got]:
    """Many do it in the same moment."""
    ready = Barrier(MANY)

    def one(number: int) -> Got:
        ready.wait()
        return ask(number)

    with ThreadPoolExecutor(MANY) as crowd:
        return list(crowd.map(one, range(MANY)))


def sessions(tools: Tools) -> int:
    with tools.database.session() as db:
        return db.query(UserSession).count()


def second_step(site: Client, name: str = "ada") -> str:
    """The address of the second step, for who gave the password."""
    got = site.post("/account/login/", {"username": name, "password": PASSWORD}, **OURS)
    assert got.leads_to.startswith("/account/two-factor/?")
    return got.leads_to


def now() -> str:
    return totp.code_at(TOTP_SECRET, totp.step_at(datetime.now(UTC)))


def link_in_mail(tools: Tools, kind: str) -> str:
    """Path and query of the link in the last mail with this path."""
    for name, args in reversed(waiting(tools)):
        if name == "send_mail" and (found := re.search(rf"https?://[^/\s]+(/{kind}\S*)", args["text"])):
            return found[1]
    raise AssertionError([args for _, args in waiting(tools)])


def ask_for_reset(tools: Tools, site: Client, name: str = "ada", **environ: str) -> str:
    """The link that the mail holds."""
    got = site.post("/account/request-password-reset/", {"username_or_email": name}, **{**OURS, **environ})
    assert got.status == 200
    for job, args in waiting(tools):
        if job == "mail_password_reset":
            perform(tools, JOBS[job], args)
    return link_in_mail(tools, "account/reset-password")


def test_of_many_who_use_a_link_for_a_new_password_at_once_one_gets_it(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))
    link = ask_for_reset(here, site)
    new = [f"violet tractors in orchard {number}" for number in range(MANY)]
    answers = all_at_once(
        lambda n: site.post(
            link, {"new_password": new[n], "password_confirm": new[n]}, REMOTE_ADDR=f"198.51.100.{n}", **OURS
        )
    )
    assert Counter(got.leads_to for got in answers) == {
        "/account/login/": 1,
        "/account/request-password-reset/": MANY - 1,
    }
    (winner,) = (n for n, got in enumerate(answers) if got.leads_to == "/account/login/")
    again = site.post(link, {"new_password": "x" * 20, "password_confirm": "x" * 20}, **OURS)
    assert again.leads_to == "/account/request-password-reset/"
    got = site.post("/account/login/", {"username": "ada", "password": new[winner]}, **OURS)
    assert got.leads_to.startswith("/account/two-factor/")  # which a new password does not do away with


def test_a_code_of_an_app_lets_one_of_many_in(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))
    steps = [second_step(site) for _ in range(3)]
    code = now()
    answers = all_at_once(
        lambda n: site.post(steps[n % 3], {"totp_value": code}, REMOTE_ADDR=f"198.51.100.{n}", **OURS)
    )
    assert sum(got.leads_to == "/manage/projects/" for got in answers) == 1
    assert sessions(here) == 1


def test_a_recovery_code_lets_one_of_many_in(here: Tools) -> None:
    user_id = victim(here)
    with Index(here).work(Actor(ActorKind.USER, user_id=user_id, username="ada")) as work:
        code = recovery_codes.generate(work, work.db.get_one(User, user_id))[0]
    site = Client(make_web_app(here))
    step = second_step(site).replace("two-factor", "recovery-code")
    answers = all_at_once(
        lambda n: site.post(step, {"recovery_code_value": code}, REMOTE_ADDR=f"198.51.100.{n}", **OURS)
    )
    assert sum(got.leads_to == "/manage/projects/" for got in answers) == 1
    assert sessions(here) == 1


def test_the_second_step_is_void_once_somebody_signed_in(here: Tools) -> None:
    victim(here)
    site = Client(make_web_app(here))
    stolen = second_step(site)
    browser = Browser(site)
    browser.open(second_step(site))
    browser.submit(totp_value=now())
    assert sessions(here) == 1
    got = site.post(stolen, {"totp_value": totp.code_at(TOTP_SECRET, totp.step_at(datetime.now(UTC)) + 1)}, **OURS)
    assert got.leads_to.startswith("/account/login/")
    assert sessions(here) == 1


def test_a_link_that_confirms_an_address_lets_in_once_and_only_there(tools: Tools) -> None:
    here = with_settings(tools, WAREHOUSE_ACCOUNTS__CONFIRM_NEW_DEVICES="true")
    victim(here)
    site = Client(make_web_app(here))
    step = site.post(
        "/account/login/", {"username": "ada", "password": PASSWORD}, REMOTE_ADDR=ELSEWHERE, **OURS
    ).leads_to
    got = site.post(step, {"totp_value": now()}, REMOTE_ADDR=ELSEWHERE, **OURS)
    assert got.leads_to == "/account/confirm-login/" and sessions(here) == 0
    link = link_in_mail(here, "account/confirm-login")
    for n in range(3):  # whoever reads the mail elsewhere
        site.get(link, REMOTE_ADDR=f"198.51.100.{n}")
    assert sessions(here) == 0
    all_at_once(lambda _: _opened(site, link))
    assert sessions(here) == 1


def _opened(site: Client, link: str) -> Got:
    """The link, and the button on its page if there is one."""
    got = site.get(link, REMOTE_ADDR=ELSEWHERE)
    if got.status == 200 and "<form" in got.text:
        return site.post(link, {}, REMOTE_ADDR=ELSEWHERE, **OURS)
    return got


def test_what_was_signed_for_one_thing_opens_no_other(here: Tools) -> None:
    user_id = victim(here)
    site = Client(make_web_app(here))
    everything = {
        "user": user_id,
        "userid": user_id,
        "email": "ada@example.com",
        "action": "password-reset",
        "login": "",
        "password": "",
        "device": 1,
        "next": "",
    }
    pages = {
        Purpose.PASSWORD: "/account/reset-password/?token=",
        Purpose.EMAIL: "/account/verify-email/?token=",
        Purpose.TWO_FACTOR: "/account/two-factor/?",
        Purpose.CONFIRM_LOGIN: "/account/confirm-login/?token=",
        Purpose.INVITATION: "/account/invitation/?token=",
    }
    for page, path in pages.items():
        for purpose in Purpose:
            if purpose is page:
                continue
            token = links.sign(here.secret, purpose, **everything)
            got = site.get(path + token, REMOTE_ADDR=HERE)
            assert got.status == 303, (page, purpose)
        forged = URLSafeTimedSerializer(b"secret", salt=page.value).dumps({"user": str(user_id)})
        for text in (forged, "", "x", "." * 3000, token[:-1], "%00", "é"):
            assert site.get(path + text.replace("é", "%C3%A9")).status in (200, 303), (page, text)
            assert sessions(here) == 0


def test_a_forgotten_password_leads_to_the_index_whatever_host_was_named(tools: Tools) -> None:
    """Host header poisoning: links in mails lead to site.url."""
    here = with_settings(tools, WAREHOUSE_SITE__URL="https://packages.example.org")
    victim(here)
    site = Client(make_web_app(here))
    for headers in (
        {"HTTP_HOST": "evil.example", "HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_HOST": "packages.example.org", "HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_HOST": "packages.example.org", "HTTP_FORWARDED": "host=evil.example"},
    ):
        ask_for_reset(here, site, **{"HTTP_ORIGIN": "https://packages.example.org", **headers})
    texts = [str(args) for name, args in waiting(here) if name == "send_mail"]
    assert texts and all("evil" not in text and "https://packages.example.org/" in text for text in texts)
