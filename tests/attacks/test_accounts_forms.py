"""Forms that others have a victim's browser send (cross-site request forgery), and pages that they lead it to."""

from __future__ import annotations

import pytest

from tests.attacks.accounts import (
    changing_views,
    path_of,
    readable_routes,
    signed_in,
    state,
    victim,
    with_settings,
)
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.web.app import make_web_app
from warehouse.work import Tools

EVIL = "https://evil.example"
# The link itself is what changes something there, and nobody else has it; an issuer leads the browser back by GET.
CHANGED_BY_LINKS = {"account.verify_email", "account.confirm_login", "account.sign_on.callback"}
# Looking at the terms is noted, and a way to an issuer begins with a note of where it began.
NOTED = {"account.terms", "account.sign_on.begin", "manage.associations.connect"}

OTHER_SITES = {
    "with no token": ({}, {"csrf_token": ""}),
    "with an invented token": ({}, {"csrf_token": "x" * 43}),
    "with the token, from another site": ({"HTTP_SEC_FETCH_SITE": "cross-site"}, {}),
    "with the token, from a neighbour of this site": ({"HTTP_SEC_FETCH_SITE": "same-site"}, {}),
    "with the token, from a page elsewhere": ({"HTTP_ORIGIN": EVIL}, {}),
    "with the token, from nowhere": ({"HTTP_ORIGIN": "null"}, {}),
    "with the token, from the same name elsewhere": ({"HTTP_ORIGIN": "http://index.test:8081"}, {}),
}


def post(browser: Browser, path: str, environ: dict[str, str], fields: dict[str, str]) -> int:
    """Post to the address as these headers say; the status."""
    kept = dict(browser.environ)
    browser.environ.update(environ)
    try:
        return browser.post(path, follow=False, **fields).status
    finally:
        browser.environ = kept


@pytest.mark.parametrize("attack", OTHER_SITES)
def test_no_form_but_our_own_changes_anything_for_who_is_signed_in(tools: Tools, attack: str) -> None:
    tools = with_settings(tools)
    user = victim(tools, administrator=True)
    browser = signed_in(tools, user)
    before = state(tools)
    answers = {
        (route, method): post(browser, path_of(route, tools, user), *OTHER_SITES[attack])
        for route, method in changing_views()
        if method == "POST"
    }
    assert {door: status for door, status in answers.items() if status != 403} == {}
    assert state(tools) == before


def test_the_token_of_another_session_is_of_no_use(tools: Tools) -> None:
    tools = with_settings(tools)
    user = victim(tools, administrator=True)
    theirs = signed_in(tools, victim(tools, "mallory")).csrf_token
    browser = signed_in(tools, user)
    assert theirs is not None
    before = state(tools)
    for route, _ in changing_views():
        assert post(browser, path_of(route, tools, user), {}, {"csrf_token": theirs}) == 403, route
    assert state(tools) == before


def test_our_own_form_is_let_through_to_be_judged(tools: Tools) -> None:
    """Otherwise the tests above would show nothing."""
    tools = with_settings(tools)
    user = victim(tools, administrator=True)
    for route, _ in changing_views():
        assert post(signed_in(tools, user), path_of(route, tools, user), {}, {}) != 403, route


@pytest.mark.parametrize("attack", [name for name, (headers, _) in OTHER_SITES.items() if headers])
def test_nobody_is_signed_in_or_registered_by_a_form_from_elsewhere(tools: Tools, attack: str) -> None:
    tools = with_settings(tools)
    user = victim(tools)
    stranger = Browser(Client(make_web_app(tools)))
    before = state(tools)
    answers = {
        route: post(stranger, path_of(route, tools, user), OTHER_SITES[attack][0], {"username": "ada"})
        for route, _ in changing_views()
    }
    assert {route: status for route, status in answers.items() if status != 403} == {}
    assert state(tools) == before
    assert stranger.cookies == {}


def test_looking_at_a_page_changes_nothing(tools: Tools) -> None:
    tools = with_settings(tools)
    user = victim(tools, administrator=True)
    browser = signed_in(tools, user)
    before = state(tools)
    changed = []
    for route in readable_routes():
        if route in CHANGED_BY_LINKS | NOTED:
            continue
        browser.get(path_of(route, tools, user))
        if state(tools) != before:
            changed.append(route)
            before = state(tools)
    assert changed == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND"])
def test_no_other_method_gets_around_the_question(tools: Tools, method: str) -> None:
    tools = with_settings(tools)
    user = victim(tools, administrator=True)
    browser = signed_in(tools, user)
    before = state(tools)
    for route, _ in changing_views():
        got = browser._ask(method, path_of(route, tools, user), b"", {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"})
        assert got.status in (403, 405), (route, got.status)
    assert state(tools) == before
