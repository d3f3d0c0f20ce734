"""An account from its first day to its last token, with nothing but a browser, a mailbox, an app and a security key."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

from tests.browser.chromium import Person
from tests.browser.conftest import Place
from tests.builders import wheel
from tests.clients.tools import Desk
from warehouse.standards import totp

NAME, ADDRESS, PASSWORD = "grace", "grace@example.com", "an orchard of violet tractors"


class App:
    """An authentication app: each code is shown once, and the next is waited for."""

    def __init__(self, secret: str) -> None:
        self._secret = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self._shown = 0

    def code(self) -> str:
        # The index takes the next step's code as well, so that a test need not wait for half a minute each time.
        step = max(int(time.time()) // 30 - 1, self._shown + 1)
        self._shown = step
        return totp.code_at(self._secret, step)


def register(person: Person, place: Place) -> None:
    person.open("/account/register/")
    person.picture("register")
    person.fill(full_name="Grace", email=ADDRESS, username=NAME, new_password=PASSWORD, password_confirm=PASSWORD)
    person.page.get_by_role("button", name="Open the account").click()
    person.page.get_by_role("button", name="Yes, go on").click()
    person.page.wait_for_url(place.url + "/")
    person.open("/manage/account/")
    assert person.path == "/manage/unverified-account/"
    person.picture("unverified")
    person.open(place.mail.link(ADDRESS, "verify", within="/account/verify-email/"))
    assert person.path == "/manage/account/two-factor/"
    person.picture("two-factor-first")


def generate_codes(person: Person) -> list[str]:
    """The codes that are left after one was entered."""
    person.page.get_by_role("link", name="Generate recovery codes").click()
    person.press("Generate recovery codes")
    codes = re.findall(r"\b[0-9a-f]{16}\b", person.text)
    assert len(codes) == 8
    person.picture("recovery-codes")
    person.page.get_by_role("link", name="Go on: enter one of them").click()
    person.fill(recovery_code_value=codes[0])
    person.press("Go on")
    return codes[1:]


def add_app(person: Person) -> App:
    person.open("/manage/account/totp-provision/")
    assert person.page.locator("img[src*='totp-provision/image'], svg").count() >= 1
    person.picture("app")
    found = re.search(r"\b[A-Z2-7]{32}\b", re.sub(r"(?<=[A-Z2-7]{4}) (?=[A-Z2-7]{4})", "", person.text))
    assert found is not None, person.text
    app = App(found[0])
    person.fill(totp_value=app.code())
    person.press("Add the app")
    assert person.path == "/manage/account/two-factor/", person.text
    return app


def sign_out(person: Person) -> None:
    person.open("/account/logout/")
    person.page.locator("main").get_by_role("button", name="Sign out").click()
    person.page.wait_for_url(person.url + "/")
    person.open("/manage/account/")
    assert person.path == "/account/login/"


def give_password(person: Person) -> None:
    person.fill(username=NAME, password=PASSWORD)
    person.press("Sign in")
    assert person.path == "/account/two-factor/"


def test_an_account_from_registration_to_a_revoked_token(person: Person, place: Place, tmp_path: Path) -> None:
    register(person, place)
    codes = generate_codes(person)
    app = add_app(person)
    place.mail.waits_for(ADDRESS, "second factor was added")

    key = person.plug_in()
    person.open("/manage/account/webauthn-provision/")
    person.fill(label="blue".ljust(64, "e"))
    person.press("Add the key")
    assert "blue" in person.text
    assert not person.overflows()
    person.picture("two-factor")

    # With the app. The page that was asked for before signing in is where one comes out.
    sign_out(person)
    person.picture("login")
    give_password(person)
    person.picture("second-step")
    person.fill(totp_value=app.code())
    person.press("Go on")
    assert person.path == "/manage/account/"
    person.picture("account")

    # With the security key.
    sign_out(person)
    give_password(person)
    person.press("Use a security key")
    assert person.path == "/manage/account/"

    # With a recovery code, when both are lost; and once only.
    key.pull_out()
    sign_out(person)
    give_password(person)
    person.page.get_by_role("link", name=re.compile("recovery code", re.IGNORECASE)).click()
    person.picture("recovery-code")
    person.fill(recovery_code_value=codes[0])
    person.press("Sign in")
    assert person.path == "/manage/account/"
    place.mail.waits_for(ADDRESS, "recovery code")

    token = make_token(person)
    desk, url = Desk(tmp_path / "desk"), f"{place.url}/legacy/"
    first, second = desk.write(wheel("orchard", "1.0"), wheel("orchard", "1.1"))
    desk.twine(first, token=token, url=url)
    assert [file["filename"] for file in place.index.files("orchard")] == [first.name]
    person.open("/manage/projects/")
    assert "orchard" in person.text
    person.picture("projects")

    revoke_token(person)
    refused = desk.twine(second, token=token, url=url, ok=False)
    assert "403" in refused.text
    assert len(place.index.files("orchard")) == 1


def make_token(person: Person) -> str:
    person.open("/manage/account/token/")
    person.fill(description="laptop")
    person.page.locator("[name='scope'][value='all']").check()
    person.press("Make the token")
    found = re.search(r"pypi-[\w-]{85,}", person.text)
    assert found is not None, person.text
    person.picture("token")
    return found[0]


def revoke_token(person: Person) -> None:
    person.open("/manage/account/token/")
    assert "laptop" in person.text
    person.picture("tokens")
    person.page.locator("details summary").first.click()
    person.fill(password=PASSWORD)
    person.press("Revoke this token")
    assert person.page.locator("[action$='/revoke/']").count() == 0, person.text
