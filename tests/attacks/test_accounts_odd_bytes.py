"""Values that nobody would type, in every field of every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse.web
from tests.attacks.accounts import methods, path_of, signed_in, victim, views, with_settings
from tests.index import Index
from tests.web.browser import PASSWORD, Browser
from tests.web.client import Client
from warehouse.domain.accounts import UserSession
from warehouse.web.app import make_web_app
from warehouse.web.routes import ROUTES
from warehouse.work import Tools

ODD = (
    "",
    "\x00",
    "a\x00b",
    "\u202e\ufeff\U0010ffff",
    "9" * 30,
    "-1",
    "\u0663",  # a digit, and none of ASCII
    "[]",
    '{"self":"x"}',
    '{"route_name":"x"}',
    '{"_host":"x","a":["\\u0000"]}',
    '{"a":"\\ud800"}',
    "null",
    "%s%n{{7*7}}",
    "00000000-0000-0000-0000-000000000000",
    "ü@bücher.example",
    "é" * 300,
)
EVERYWHERE = ("a\x00b", "9" * 30, '{"self":"x"}', "00000000-0000-0000-0000-000000000000", "ü@bücher.example")
READ = re.compile(r"""(?:form|GET|fields|query)(?:\.get\(|\[)"([a-z_]+)\"""")
PAGES = Path(warehouse.web.__file__).parent.rglob("*.py")
NAMES = sorted(
    {name for path in PAGES for name in READ.findall(path.read_text())} | {"before", "kind", "remember_device"}
)
LIKELY = {
    "username": "ada",
    "confirm_username": "ada",
    "username_or_email": "ada",
    "email": "grace@example.org",
    "password": PASSWORD,
    "new_password": "four plain words together",
    "password_confirm": "four plain words together",
    "password_again": PASSWORD,
    "next_route": "manage.account",
    "next_route_matchdict": "{}",
    "next_route_query": "{}",
    "credential": "{}",
    "page": "1",
    "next": "/",
}
HEADERS = ("HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_COOKIE", "HTTP_REFERER", "HTTP_X_CSRF_TOKEN", "HTTP_ACCEPT_LANGUAGE")


class Prodder:
    """Sends odd values to one site, as a stranger or as somebody who is signed in."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._user = victim(tools, administrator=True, secured=False)
        self._client = Client(make_web_app(tools))
        self._paths = {route: path_of(route, tools, self._user) for route in ROUTES}
        self.browser = self._signed_in()
        self.doors = sorted({(view["route_name"], method) for view in views() for method in methods(view)})

    def statuses(self, route: str, method: str, odd: str, *, only: str | None = None, **environ: Any) -> Iterator[int]:
        """What is answered to the value in every field, or in one, and, where it has parts, in the path."""
        for path in {self._paths[route], re.sub(r"{\w+(?::[^{}]+)?}", lambda _: odd or "x", ROUTES[route])}:
            for browser in (Browser(self._client), self.browser):
                if browser is self.browser and not self._is_signed_in():
                    browser = self.browser = self._signed_in()
                fields = dict.fromkeys(NAMES, odd) if only is None else {**LIKELY, only: odd}
                if browser.csrf_token is not None:
                    fields["csrf_token"] = browser.csrf_token
                body = urlencode(fields).encode() if method != "GET" else b""
                asked = f"{path.partition('?')[0].encode().decode('latin-1')}?{urlencode(fields)}"
                yield browser._ask(method, asked, body, environ).status

    def _signed_in(self) -> Browser:
        browser = signed_in(self._tools, self._user)
        browser._client = self._client
        return browser

    def _is_signed_in(self) -> bool:
        with Index(self._tools).work() as work:
            return work.db.query(UserSession).filter_by(csrf_token=self.browser._csrf).count() == 1


def is_failure(route: str, status: int) -> bool:
    """Whether it broke; nothing makes an index to search here, and that is said with 503."""
    return status >= 500 and not (status == 503 and route in ("search", "search.suggestions", "api.search"))


@pytest.fixture
def prodder(tools: Tools) -> Prodder:
    return Prodder(with_settings(tools))


@pytest.mark.slow
@pytest.mark.parametrize("odd", EVERYWHERE, ids=ascii)
def test_no_page_fails_whatever_is_typed(prodder: Prodder, odd: str) -> None:
    failed = [
        (route, method, status)
        for route, method in prodder.doors
        for status in prodder.statuses(route, method, odd)
        if is_failure(route, status)
    ]
    assert failed == []


def test_no_page_fails_whatever_is_typed_at_random(prodder: Prodder) -> None:
    texts = st.text(max_size=50) | st.sampled_from(ODD)
    said = st.fixed_dictionaries({"name": st.sampled_from(HEADERS), "value": texts})

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(door=st.sampled_from(prodder.doors), odd=texts, only=st.sampled_from(NAMES), header=said)
    def prod(door: tuple[str, str], odd: str, only: str, header: dict[str, str]) -> None:
        environ = {header["name"]: quote(header["value"], safe=" ;=,/*\"'()<>{}[]")[:1000]}
        statuses = prodder.statuses(*door, odd, only=only, **environ)
        assert not any(is_failure(door[0], status) for status in statuses)

    prod()


@pytest.mark.parametrize("name", ["self", "route_name", "_host", "_query", "elements", "\x00"])
def test_the_form_that_asks_for_the_password_leads_nowhere_odd(prodder: Prodder, name: str) -> None:
    fields = {"next_route": "manage.account", "next_route_query": "{}", "password": PASSWORD}
    matched = orjson.dumps({name: "evil.example"}).decode()
    got = prodder.browser.post("/account/reauthenticate/", follow=False, next_route_matchdict=matched, **fields)
    assert got.status == 400 or got.headers["location"] == "/manage/account/"
