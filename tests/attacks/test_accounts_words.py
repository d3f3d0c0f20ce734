"""Words that people type, and what somebody may try to do with them: to headers, mails, logs, pages and addresses."""

from __future__ import annotations

import logging

import pytest

from tests.attacks.accounts import path_of, readable_routes, signed_in, victim, with_settings
from tests.index import Index
from tests.jobs.test_queue import waiting
from tests.web.browser import PASSWORD, Browser
from tests.web.client import Client
from warehouse.domain.accounts import User
from warehouse.web.app import make_web_app
from warehouse.work import Tools

OURS = {"HTTP_ORIGIN": "http://index.test"}

# web-ui 12, and what browsers make of it (WHATWG URL, 4.4).
LEAD_AWAY = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "\\/evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "\x00//evil.example/",
    "\x1f/evil",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:index.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,hello",
    "ftp://index.test/",
    "//index.test@evil.example/",
    "//evil.example#index.test",
    "https://index.test.evil.example/",
    "https://index.test:8443/",
    "http://index.test//evil.example/",
    "http://index.test/\\evil.example/",
    "/\r\nSet-Cookie: session_id=planted",
    "/%0d%0aSet-Cookie:%20x=y",
    "/\u2028//evil.example",
    "x" * 10_000,
    "/" + "x" * 10_000,
    "http://[::1",
    "//[evil",
]
LEAD_ON = ["/manage/account/", "/manage/account/token/?page=2", "http://index.test/manage/account/"]

HOSTILE = [
    "ada\r\nBcc: victim@example.org",
    "ada\nX-Injected: yes",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "%(password)s %s %n",
    "\x1b[2J\x1b[31mroot logged in",
    "\x00",
    "\u202eadmin",
    "' OR 1=1 --",
    "\ud83d",
    "a" * 100_000,
]


def is_here(location: str) -> bool:
    """Whether the browser stays on the site: by an address as our own pages write it."""
    path = location.removeprefix("http://index.test")
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path


def test_signing_in_leads_nobody_away(tools: Tools) -> None:
    tools = with_settings(tools)
    victim(tools, secured=False)
    site = Client(make_web_app(tools))
    for next in LEAD_AWAY:
        got = site.post("/account/login/", {"username": "ada", "password": PASSWORD, "next": next}, **OURS)
        assert got.status == 303 and is_here(got.headers["location"]), (next, got.headers["location"])
        assert {line.partition("=")[0] for line in got.cookies} <= {"session_id", "user_id__insecure", "flashes"}
    for next in LEAD_ON:
        got = site.post("/account/login/", {"username": "ada", "password": PASSWORD, "next": next}, **OURS)
        assert got.leads_to == next.removeprefix("http://index.test")


def test_no_page_leads_away_from_the_site(tools: Tools) -> None:
    """Every page, with every name under which an address could be taken."""
    tools = with_settings(tools)
    user = victim(tools, secured=False)
    names = ("next", "redirect_to", "return_to", "url", "came_from", "next_route_path")
    query = "&".join(f"{name}=//evil.example/" for name in names)
    for browser in (Browser(Client(make_web_app(tools))), signed_in(tools, user)):
        for route in readable_routes():
            if "sign_on" in route or route in ("manage.associations.connect", "account.terms"):
                continue
            got = browser.get(f"{path_of(route, tools, user)}?{query}")
            if got.status in (301, 302, 303, 307, 308):
                assert is_here(got.headers["location"].partition("?")[0]), (route, got.headers["location"])
            elif got.headers.get("content-type", "").startswith("text/html"):
                for link in got.page.all("a") + got.page.all("form"):
                    target = str(link.attributes.get("href") or link.attributes.get("action") or "/")
                    assert not target.startswith(("//evil", "https://evil")), (route, target)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_words(tools: Tools, words: str, caplog: pytest.LogCaptureFixture) -> None:
    tools = with_settings(tools)
    victim(tools, secured=False)
    site = Client(make_web_app(tools))
    caplog.set_level(logging.DEBUG)
    forms = {
        "/account/login/": {"username": words, "password": words, "next": words},
        "/account/request-password-reset/": {"username_or_email": words},
        "/account/register/": {
            "username": words,
            "email": f"{words}@example.org",
            "full_name": words,
            "new_password": words,
            "password_confirm": words,
        },
    }
    for path, form in forms.items():
        body = "&".join(f"{name}={_quoted(value)}" for name, value in form.items()).encode()
        got = site.post(path, body, **OURS)
        assert 200 <= got.status < 500, (path, got.status)
        assert "x-injected" not in got.headers and "bcc" not in got.headers
        assert "<script>alert" not in got.text
        assert "49" not in got.page.text("h1")
    assert all("\n" not in str(args["to"]) for name, args in waiting(tools) if name == "send_mail")
    logged = [record.getMessage() for record in caplog.records]
    assert not any("Traceback" in line or "\x1b" in line for line in logged), logged


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def test_what_a_browser_calls_itself_stays_text_wherever_it_is_shown(tools: Tools) -> None:
    tools = with_settings(tools)
    victim(tools, secured=False)
    browser = Browser(Client(make_web_app(tools)), user_agent="<img src=x onerror=alert(1)>" + "A" * 5000)
    browser.sign_in("ada")
    for path in ("/manage/account/sessions/", "/manage/account/history/"):
        got = browser.get(path)
        assert got.status == 200
        assert "<img src=x" not in got.text
        assert len(got.text) < 100_000
    with tools.database.session() as db:
        assert db.query(User).filter_by(username="ada").one().last_login_at is not None


def test_a_table_of_the_history_holds_no_formulas(tools: Tools) -> None:
    """A spreadsheet takes a cell that begins with "=" for something to compute (CSV injection)."""
    tools = with_settings(tools)
    victim(tools, secured=False)
    browser = Browser(Client(make_web_app(tools)), user_agent='=cmd|"/C calc"!A0')
    browser.sign_in("ada")
    got = browser.get("/manage/account/history/export.csv")
    assert got.status == 200
    for line in got.text.splitlines()[1:]:
        for cell in line.split(","):
            assert not cell.strip('"').startswith(("=", "+", "@", "\t")), line


def test_a_long_form_is_refused_before_it_is_read_whole(tools: Tools) -> None:
    site = Client(make_web_app(with_settings(tools)))
    got = site.post("/account/login/", b"username=" + b"x" * 3_000_000, **OURS)
    assert got.status == 413
    got = site.post("/account/login/", b"&".join(b"f%d=1" % n for n in range(50_000)), **OURS)
    assert got.status in (400, 413)
    assert Index(tools).journal() == []
