"""Linking accounts elsewhere with one's own, in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.conftest import CHEAP_PASSWORDS
from tests.index import Index
from tests.sign_on.forge import GITHUB, Forge
from tests.sign_on.issuer import LocalIssuer
from tests.sign_on.test_pages import at_the_issuer, place_of, sign_in
from tests.web.browser import Browser, browser
from warehouse.domain.accounts import Association, User
from warehouse.work import Tools

PAGE = "/manage/account/associations/"
Make = Callable[..., Browser]


@pytest.fixture
def forge() -> Iterator[Forge]:
    with Forge() as running:
        yield running


@pytest.fixture
def visitor(tools: Tools, local: LocalIssuer, forge: Forge) -> Make:
    """Makes a browser on a site where GitHub, GitLab and an issuer are offered."""

    def make(**more: str) -> Browser:
        corp = {"issuer": local.url, "client_id": local.client_id, "title": "Corp", "roles": {"staff": "moderator"}}
        environ = {
            "WAREHOUSE_SIGN_ON__ISSUERS": json.dumps({"corp": corp}),
            "WAREHOUSE_SIGN_ON__CLIENT_SECRETS": f"corp={local.client_secret}",
            "WAREHOUSE_SITE__URL": "http://index.test",
            "WAREHOUSE_ASSOCIATIONS__GITHUB_CLIENT_ID": forge.client_id,
            "WAREHOUSE_ASSOCIATIONS__GITHUB_CLIENT_SECRET": forge.client_secret,
            "WAREHOUSE_ASSOCIATIONS__GITHUB_URL": forge.url,
            "WAREHOUSE_ASSOCIATIONS__GITHUB_API_URL": f"{forge.url}/api/v3",
            "WAREHOUSE_ASSOCIATIONS__GITLAB_CLIENT_ID": forge.client_id,
            "WAREHOUSE_ASSOCIATIONS__GITLAB_CLIENT_SECRET": forge.client_secret,
            "WAREHOUSE_ASSOCIATIONS__GITLAB_URL": forge.url,
            **CHEAP_PASSWORDS,
            **more,
        }
        return browser(tools, **environ)

    return make


@pytest.fixture
def ada(visitor: Make, tools: Tools) -> Browser:
    """Ada, signed in with her password."""
    Index(tools).user("ada", verified=True)
    person = visitor()
    person.sign_in("ada")
    return person


def rows(tools: Tools) -> list[tuple[str, str, str]]:
    with Index(tools).work() as work:
        query = select(Association.service, Association.external_id, Association.external_username)
        return [tuple(row) for row in work.db.execute(query.order_by(Association.created_at))]


def leave(person: Browser, service: str = "github") -> str:
    """Where the link on the page leads."""
    links = [one.attributes["href"] or "" for one in person.get(PAGE).page.all("a")]
    [href] = [href for href in links if f"/{service}/connect?" in href.replace("%3A", ":")]
    return person.get(href).headers["location"]


def link(person: Browser, forge: Forge, service: str = "github") -> str:
    """Links an account, and returns what the page then says."""
    back = forge.authorize(leave(person, service))
    return person.open(back.removeprefix("http://index.test")).text


def history(tools: Tools) -> list[str]:
    with Index(tools).work() as work:
        query = text("SELECT tag FROM audit_events WHERE tag LIKE 'account:association:%' ORDER BY id")
        return list(work.db.scalars(query))


def mails(tools: Tools) -> list[str]:
    with Index(tools).work() as work:
        query = text("SELECT details ->> 'subject' FROM audit_events WHERE tag = 'account:email:sent' ORDER BY id")
        return list(work.db.scalars(query))


def test_accounts_of_two_services_are_linked_and_unlinked(ada, forge, tools):
    assert "octo-ada at GitHub is linked with your account." in link(ada, forge)
    assert "lab-ada at GitLab is linked with your account." in link(ada, forge, "gitlab")
    assert rows(tools) == [("github", "583231", "octo-ada"), ("gitlab", "583231", "lab-ada")]
    page = ada.get(PAGE)
    forms = [
        one.attributes["action"] for one in page.page.all("form") if "/remove/" in (one.attributes["action"] or "")
    ]
    assert "octo-ada at GitHub is no longer linked" in ada.submit(action=forms[0]).text
    assert rows(tools) == [("gitlab", "583231", "lab-ada")]
    assert history(tools) == ["account:association:add"] * 2 + ["account:association:remove"]
    assert [subject.partition("] ")[2] for subject in mails(tools)] == [
        "Your account was linked with GitHub",
        "Your account was linked with GitLab",
        "Your account is no longer linked with GitHub",
    ]


def test_no_access_to_the_account_there_is_kept(ada, forge, tools):
    link(ada, forge)
    [token] = forge.tokens
    with Index(tools).work() as work:
        for table in ("associations", "audit_events", "once", "user_sessions", "procrastinate_jobs"):
            found = work.db.scalar(
                text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :token"), {"token": f"%{token}%"}
            )
            assert found == 0, table


def test_an_account_there_is_linked_with_one_account_here(ada, forge, visitor, tools):
    link(ada, forge)
    assert "with your account already" in link(ada, forge)
    Index(tools).user("bob", verified=True)
    bob = visitor()
    bob.sign_in("bob")
    assert "with another account already" in link(bob, forge)
    assert len(rows(tools)) == 1


def test_an_answer_is_for_the_session_that_asked(ada, forge, visitor, tools):
    """Otherwise somebody could have our visitor link the somebody's account, and recover the visitor's by it."""
    Index(tools).user("bob", verified=True)
    bob = visitor()
    bob.sign_in("bob")
    back = forge.authorize(leave(bob)).removeprefix("http://index.test")
    assert "was not begun here" in ada.open(back).text
    assert "was not begun here" in bob.open(back).text  # it was used
    assert rows(tools) == []


def test_the_answer_of_one_service_is_none_of_another(ada, forge, tools):
    back = forge.authorize(leave(ada)).removeprefix("http://index.test")
    assert "was not begun here" in ada.open(back.replace("/github/", "/gitlab/")).text
    assert rows(tools) == []


FAILURES = [
    (GITHUB[1], 500, b""),
    (GITHUB[1], 200, b'{"error": "bad_verification_code"}'),
    (GITHUB[1], 200, b'{"access_token": null}'),
    (GITHUB[2], 403, b"{}"),
    (GITHUB[2], 200, b"[]"),
    (GITHUB[2], 200, b'{"id": "583231", "login": "octo"}'),
    (GITHUB[2], 200, b'{"id": true, "login": "octo"}'),
    (GITHUB[2], 200, b'{"id": 5}'),
    (GITHUB[2], 200, json.dumps({"id": 5, "login": "x" * 300}).encode()),
    (GITHUB[2], 200, json.dumps({"id": 5, "login": "a\0b"}).encode()),
]


def test_a_service_that_fails_links_nothing(ada, forge, tools):
    for path, status, body in FAILURES:
        forge.answers = {path: (status, body)}
        assert "GitHub gave no answer that can be used" in link(ada, forge), (path, status, body)
    assert rows(tools) == []


def test_whatever_is_brought_to_the_callback_links_nothing(ada, tools):
    for query in ("", "code=x", "state=x&code=y", "state=%00", "state=%ff&code=%ff"):
        assert ada.get(f"{PAGE}github/callback?{query}").status in (303, 400), query
    assert rows(tools) == []


def test_who_does_not_agree_there_reads_that_nothing_was_linked(ada, forge):
    state = leave(ada).partition("state=")[2].partition("&")[0]
    got = ada.open(f"{PAGE}github/callback?error=access_denied&state={state}")
    assert "You did not agree at GitHub" in got.text


def test_services_that_are_not_configured_are_not_offered(tools):
    Index(tools).user("ada", verified=True)
    person = browser(tools, **CHEAP_PASSWORDS)
    person.sign_in("ada")
    assert "have not said which services" in person.get(PAGE).text


def test_a_link_of_another_site_links_nothing(ada, forge, tools):
    """Whoever makes a browser sign in somewhere as somebody else would have that somebody let into the account."""
    for query in ("", "?key=", "?key=x", "?key=%C3%A9", "?key=" + "0" * 32):
        assert place_of(ada.get(f"{PAGE}oidc:corp/connect{query}")) == PAGE
    key = leave(ada) and ada.path.partition("?")[2]
    assert key.startswith("key=")
    assert place_of(ada.get(f"{PAGE}oidc:corp/connect?{key}")) == PAGE  # one service's key is none of another
    assert place_of(ada.get(f"{PAGE}nobody/connect?{key}")) == PAGE


def test_strangers_are_asked_to_sign_in_first(visitor):
    for path in (PAGE, f"{PAGE}github/connect", f"{PAGE}github/callback?state=x"):
        assert place_of(visitor().get(path)).startswith("/account/login/?next=")


def test_linking_and_unlinking_take_a_recent_password(ada, forge, tools):
    link(ada, forge)
    with Index(tools).work() as work:
        work.db.execute(text("UPDATE user_sessions SET authenticated_at = now() - interval '1 hour'"))
    assert "Confirm" in ada.get(f"{PAGE}github/connect").text
    with Index(tools).work() as work:
        [found] = work.db.scalars(select(Association.id))
    assert "Confirm" in ada.post(f"{PAGE}{found}/remove/").text
    assert len(rows(tools)) == 1


def test_nobody_unlinks_what_is_not_theirs(ada):
    for name in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        ada.get(PAGE)
        got = ada.post(f"{PAGE}{name}/remove/")
        assert got.status == 404 or "No such account is linked" in got.text


def test_an_issuer_is_linked_and_then_signs_in(ada, local, visitor, tools):
    leave(ada, "oidc:corp")
    assert ada.got is not None
    back = at_the_issuer(local, ada.got)
    got = ada.open(back)
    assert "Your account is linked with Corp." in got.text and "You can sign in with it." in got.text
    person = visitor()
    sign_in(person, local)
    assert "/user/ada/" in person.get("/_includes/authed/current-user-indicator/").text


def test_the_only_way_in_stays_and_groups_go_with_the_account(visitor, local, tools):
    person = visitor()
    sign_in(person, local)
    with Index(tools).work() as work:
        [found] = work.db.scalars(select(Association.id))
    assert "only way in which you can sign in" in remove(person, found)
    with Index(tools).work() as work:
        user = work.db.scalars(select(User)).one()
        assert user.is_moderator
        user.password_hash = work.tools.passwords.hash("correct horse")
    assert "no longer linked" in remove(person, found)
    with Index(tools).work() as work:
        assert not work.db.scalars(select(User)).one().is_moderator


def test_a_password_that_signs_nobody_in_is_no_other_way_in(visitor, local, tools):
    person = visitor(WAREHOUSE_SIGN_ON__PASSWORDS="off")
    sign_in(person, local)
    with Index(tools).work() as work:
        work.db.scalars(select(User)).one().password_hash = "anything"
        [found] = work.db.scalars(select(Association.id))
    assert "only way in which you can sign in" in remove(person, found)


def remove(person: Browser, association: Any) -> str:
    person.get(PAGE)
    return person.submit(action=f"{PAGE}{association}/remove/").text
