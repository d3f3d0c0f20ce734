"""Single sign-on in the browser: to the issuer, back, and in."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text

from tests.conftest import CHEAP_PASSWORDS
from tests.index import Index
from tests.sign_on.issuer import LocalIssuer
from tests.web.browser import Browser, browser
from tests.web.client import Got
from warehouse.domain.accounts import Email, User
from warehouse.work import Tools

Make = Callable[..., Browser]


@pytest.fixture
def fresh(tools: Tools, local: LocalIssuer) -> Make:
    """Makes a browser on a site that trusts the issuer; ``about`` are that issuer's settings."""

    def make(variables: dict[str, str] | None = None, **about: Any) -> Browser:
        corp = {"issuer": local.url, "client_id": local.client_id, "title": "Corp & Co", **about}
        environ = {
            "WAREHOUSE_SIGN_ON__ISSUERS": json.dumps({"corp": corp}),
            "WAREHOUSE_SIGN_ON__CLIENT_SECRETS": f"corp={local.client_secret}",
            "WAREHOUSE_SITE__URL": "http://index.test",
            **CHEAP_PASSWORDS,
            **(variables or {}),
        }
        return browser(tools, **environ)

    return make


def at_the_issuer(local: LocalIssuer, got: Got) -> str:
    """Follows the browser to the issuer; the address here that it is sent back to."""
    assert got.status == 303 and got.headers["location"].startswith(f"{local.url}/authorize?")
    connection = http.client.HTTPConnection(urlsplit(local.url).netloc, timeout=10)
    connection.request("GET", got.headers["location"].removeprefix(local.url))
    back = connection.getresponse().headers["Location"]
    connection.close()
    return back.removeprefix("http://index.test")


def sign_in(person: Browser, local: LocalIssuer, *, next: str = "") -> Got:
    return person.get(at_the_issuer(local, person.get(f"/account/sso/corp/?next={next}")))


def place_of(got: Got) -> str:
    """Where a browser goes next."""
    return got.headers["location"].removeprefix("http://index.test")


def is_signed_in(person: Browser) -> bool:
    return person.get("/_includes/authed/current-user-indicator/").status == 200


def test_somebody_signs_in_and_goes_where_they_were_going(fresh, local):
    person = fresh()
    got = sign_in(person, local, next="/stats/")
    assert (got.status, place_of(got)) == (303, "/stats/")
    assert "Welcome, ada." in person.get("/stats/").text and is_signed_in(person)
    assert got.headers["cache-control"] == "no-store" and got.headers["referrer-policy"] == "no-referrer"


def test_nobody_is_led_to_another_site(fresh, local):
    for place in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
        assert place_of(sign_in(fresh(), local, next=place)) == "/manage/projects/"


def test_the_cookie_for_the_way_back_is_for_that_way_only(fresh):
    person = fresh()
    person.get("/account/sso/corp/")
    [line] = [line for line in person.set_cookies if line.startswith("sso=")]
    for part in ("HttpOnly", "Path=/account/sso/", "SameSite=Lax", "Max-Age=600"):
        assert part in line
    person.get("/account/sso/corp/", **{"wsgi.url_scheme": "https"})
    [line] = [line for line in person.set_cookies if line.startswith("__Secure-sso=")]
    assert "secure" in line.lower()


def test_a_link_that_another_browser_began_signs_nobody_in(fresh, local):
    attacker, victim = fresh(), fresh()
    link = at_the_issuer(local, attacker.get("/account/sso/corp/"))
    victim.get("/account/sso/corp/")
    got = victim.open(link)
    assert "another browser" in got.text and not is_signed_in(victim)


def test_a_link_counts_once(fresh, local):
    person = fresh()
    link = at_the_issuer(local, person.get("/account/sso/corp/"))
    person.get(link)
    person.cookies = {name: value for name, value in person.cookies.items() if name == "sso"}
    person.get(link)
    assert not is_signed_in(person)


def test_somebody_new_who_comes_through_several_windows_at_once_gets_one_account(fresh, local, tools):
    people = [fresh() for _ in range(4)]
    links = [at_the_issuer(local, person.get("/account/sso/corp/")) for person in people]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda person=person, link=link: statuses.append(person.get(link).status))
        for person, link in zip(people, links, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 4
    with Index(tools).work() as work:
        assert work.db.scalars(select(User.username)).all() == ["ada"]
    assert any(is_signed_in(person) for person in people)


def test_who_is_not_let_in_reads_why(fresh, local):
    person = fresh(allowed_groups=["directors"])
    got = sign_in(person, local)
    assert place_of(got) == "/account/login/"
    assert "Your groups at Corp &amp; Co do not include" in person.get("/").text


def test_whatever_a_stranger_sends_to_the_callback_is_declined(fresh):
    person = fresh()
    long = "state=x" * 2000
    for query in ("", "code=x", "state=%00&code=x", "state=%ff&code=%ff", "error=access_denied&state=x", long):
        assert person.get(f"/account/sso/corp/callback?{query}").status in (303, 400), query
        assert not is_signed_in(person)


def test_an_issuer_that_is_not_configured_is_not_found(fresh):
    assert fresh().get("/account/sso/nobody/").status == 404
    assert fresh().get("/account/sso/nobody/callback?state=x&code=y").status == 404


def test_an_issuer_that_is_away_is_told_on_the_sign_in_page(fresh, local):
    local.bad.raw["/.well-known/openid-configuration"] = (503, b"")
    person = fresh()
    assert place_of(person.get("/account/sso/corp/")) == "/account/login/"
    assert "cannot be reached at present" in person.get("/").text


def test_a_second_factor_of_ours_comes_next(fresh, local, tools):
    person = fresh()
    sign_in(person, local)
    with Index(tools).work() as work:
        work.db.scalars(select(User)).one().totp_secret = b"x" * 20
    person = fresh()
    got = sign_in(person, local, next="/stats/")
    assert place_of(got).startswith("/account/two-factor/?")
    assert not is_signed_in(person)
    assert "authentication app" in person.get(place_of(got)).text


@pytest.mark.parametrize(
    ("about", "place"), [({"second_factor": "trusted"}, None), ({}, "/manage/account/two-factor/")]
)
def test_an_issuer_that_is_trusted_with_it_counts_as_a_second_factor(fresh, local, about, place):
    person = fresh({"WAREHOUSE_ACCESS__REQUIRE_SECOND_FACTOR": "true"}, **about)
    sign_in(person, local)
    got = person.get("/manage/account/associations/")
    if place is None:
        assert got.status == 200
    else:
        assert place_of(got).startswith(place)


@pytest.mark.parametrize("about", [{"second_factor": "trusted"}, {}])
def test_who_comes_with_a_second_factor_of_such_an_issuer_chooses_the_primary_address(fresh, local, tools, about):
    person = fresh({"WAREHOUSE_ACCESS__REQUIRE_SECOND_FACTOR": "true"}, **about)
    sign_in(person, local)
    with Index(tools).work() as work:
        user = work.db.scalars(select(User)).one()
        user.emails.append(Email(address="other@example.com", is_verified=True))
    assert ("A second factor is required" in person.get("/manage/account/two-factor/").text) is not bool(about)
    page = person.get("/manage/account/emails/")
    forms = [one for one in page.page.all("form") if "make-primary" in (one.attributes["action"] or "")]
    assert len(forms) == (1 if about else 0)
    with Index(tools).work() as work:
        number = work.db.scalars(select(Email.id).where(Email.address == "other@example.com")).one()
    person.post(f"/manage/account/emails/{number}/make-primary/")
    with Index(tools).work() as work:
        assert work.db.get_one(Email, number).is_primary is bool(about)


def test_who_has_been_signed_in_for_long_proves_at_the_issuer_who_they_are(fresh, local, tools):
    person = fresh()
    sign_in(person, local)
    with Index(tools).work() as work:
        work.db.execute(text("UPDATE user_sessions SET authenticated_at = now() - interval '1 hour'"))
    asking = person.get("/manage/account/associations/")
    [link] = [one for one in asking.page.all("a") if one.text == "Confirm with Corp & Co"]
    got = person.get(at_the_issuer(local, person.get(link.attributes["href"] or "")))
    assert place_of(got) == "/manage/account/associations/"
    assert "Linked accounts" in person.get("/manage/account/associations/").text
    with Index(tools).work() as work:
        assert work.db.scalar(text("SELECT authenticated_at > now() - interval '5 minutes' FROM user_sessions"))


def test_the_page_where_people_sign_in_offers_the_issuers(fresh):
    got = fresh().get("/account/login/?next=/stats/?a=b")
    [link] = [one for one in got.page.all("a") if "sso" in (one.attributes["href"] or "")]
    assert link.text == "Sign in with Corp & Co"
    assert link.attributes["href"] == "/account/sso/corp/?next=/stats/%3Fa%3Db"
    assert 'name="password"' in got.text


def test_where_passwords_are_off_only_the_issuers_are_offered(fresh):
    person = fresh({"WAREHOUSE_SIGN_ON__PASSWORDS": "off"})
    assert 'name="password"' not in person.get("/account/login/").text
    assert person.post("/account/login/", username="ada", password="x").status == 403


def test_the_history_says_how_somebody_came(fresh, local):
    person = fresh()
    sign_in(person, local)
    assert "by single sign-on (corp)" in person.get("/manage/account/history/").text
    local.person["groups"] = []
    sign_in(fresh(allowed_groups=["staff"]), local)
    person = fresh()
    sign_in(person, local)
    assert "none of your groups may use this index" in person.get("/manage/account/history/").text


def test_who_is_signed_in_is_not_sent_to_the_issuer_again(fresh, local):
    person = fresh()
    sign_in(person, local)
    assert place_of(person.get("/account/sso/corp/?next=/stats/")) == "/stats/"
