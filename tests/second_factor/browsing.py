"""A browser of somebody who signs in or is signed in, and the way scripts of our pages ask."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.index import Index
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.domain.accounts import User
from warehouse.operations.second_factors import ask_for
from warehouse.operations.sessions import admit
from warehouse.standards import totp
from warehouse.web.app import make_web_app
from warehouse.work import ANONYMOUS

TWO_FACTOR = "/account/two-factor/"
OPTIONS = "/account/webauthn-authenticate/options"
VALIDATE = "/account/webauthn-authenticate/validate"


def browser_of(index: Index) -> Browser:
    """Of nobody in particular."""
    if not hasattr(index, "site"):
        index.site = Client(make_web_app(index.tools))  # type: ignore[attr-defined]
    return Browser(index.site)  # type: ignore[attr-defined]


def signed_in(index: Index, user: User) -> Browser:
    """Of the user, who has just given their password."""
    with index.work(ANONYMOUS) as work:
        found = work.db.get(User, user.id)
        assert found is not None
        secret = admit(work, found, method="password")
    browser = browser_of(index)
    browser.cookies["session_id"] = secret
    return browser


def step_of(index: Index, user: User, *, next: str = "") -> str:
    """The query of the second step, after the right password."""
    with index.work(ANONYMOUS) as work:
        found = work.db.get(User, user.id)
        assert found is not None
        return ask_for(work, found, next=next)


def ask(browser: Browser, path: str, **fields: str) -> Any:
    """What a script of the page at hand is told."""
    token = browser.csrf_token  # a script keeps it from the page, whatever it asked for since
    got = browser.post(path, follow=False, **fields) if fields else browser.get(path)
    assert browser.csrf_token == token
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert "no-store" in got.headers["cache-control"]
    return got.json


def written(answer: Any) -> str:
    """An answer of the browser as scripts send it."""
    return orjson.dumps(answer).decode()


def is_signed_in(browser: Browser) -> bool:
    """Whether a page of one's own account is shown."""
    return not browser.get("/manage/account/recovery-codes/burn").leads_to.startswith("/account/login/")


def generated(browser: Browser) -> list[str]:
    """Press the button, and read the codes."""
    browser.open("/manage/account/recovery-codes/generate")
    return shown_codes(browser.submit(action=browser.path.partition("?")[0]).text)


def shown_codes(page: str) -> list[str]:
    """The codes on a page."""
    return re.findall(r"\b[0-9a-f]{16}\b", re.sub(r'href="data:[^"]*"|/static/[0-9a-f]{16}/|name="csrf.*?>', "", page))


def app_of(browser: Browser, page: str) -> bytes:
    """The secret that an app is given by the page."""
    found = re.search(r'totp__secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    return base64.b32decode(found[1].replace(" ", ""))


def code_now(secret: bytes, steps: int = 0) -> str:
    """What the app shows now by the machine's clock."""
    return totp.code_at(secret, totp.step_at(datetime.now(UTC)) + steps)
