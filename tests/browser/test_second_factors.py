"""What scripts add to the pages of second factors, and what they say when it does not work."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.chromium import Person
from tests.browser.conftest import Place
from warehouse.domain.accounts import UserSession, user_named
from warehouse.operations.registration import create_user
from warehouse.operations.second_factors import reset
from warehouse.work import OPERATOR, begin

PASSWORD = "seventeen lavender submarines"
TWO_FACTOR, KEY = "/manage/account/two-factor/", "/manage/account/webauthn-provision/"


@pytest.fixture
def iris(person: Person, place: Place) -> Person:
    """Somebody who is signed in and has no second factor."""
    with place.index.tools() as tools, begin(tools, OPERATOR) as work:
        known = user_named(work.db, "iris")
        if known is None:
            create_user(work, "iris", email="iris@example.com", password=PASSWORD, verified=True)
        else:
            reset(work, known)
    person.open(f"/account/login/?next={TWO_FACTOR}")
    person.fill(username="iris", password=PASSWORD)
    person.press("Sign in")
    assert person.path == TWO_FACTOR, person.text
    return person


def generate(person: Person) -> list[str]:
    person.page.get_by_role("link", name="Generate recovery codes").click()
    person.press("Generate recovery codes")
    return re.findall(r"\b[0-9a-f]{16}\b", person.text)


def try_one(person: Person, code: str) -> None:
    person.page.get_by_role("link", name="Go on: enter one of them").click()
    person.fill(recovery_code_value=code)
    person.press("Go on")


def add_key(person: Person, label: str) -> None:
    person.open(KEY)
    person.fill(label=label)
    person.press("Add the key")
    assert person.path == TWO_FACTOR and label in person.text


def told(person: Person) -> str:
    """What the page says beside the button of the security key."""
    alert = person.page.locator("main [role=alert]:not([hidden])")
    alert.wait_for()
    return alert.inner_text()


def test_codes_are_copied_and_saved_as_a_file(iris: Person, place: Place) -> None:
    iris.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=place.url)
    codes = generate(iris)
    assert not iris.overflows()
    iris.page.get_by_role("button", name="Copy").click()
    iris.page.get_by_role("button", name="Copied").wait_for()
    assert iris.page.evaluate("navigator.clipboard.readText()").split() == codes
    with iris.page.expect_download() as download:
        iris.page.get_by_role("link", name="Save to a file").click()
    assert download.value.suggested_filename == "recovery-codes-iris.txt"
    assert Path(download.value.path()).read_text().splitlines()[-8:] == codes


def test_a_key_is_added_once_and_asked_for_by_the_browser_that_is_not_remembered(iris: Person) -> None:
    try_one(iris, generate(iris)[0])
    key = iris.plug_in()
    add_key(iris, "blue")
    iris.open(KEY)
    iris.fill(label="again")
    iris.page.get_by_role("button", name="Add the key").click()
    assert "in use for this account already" in told(iris)

    iris.context.clear_cookies()
    iris.open(f"/account/login/?next={TWO_FACTOR}")
    iris.fill(username="iris", password=PASSWORD)
    iris.press("Sign in")
    assert iris.path == "/account/two-factor/" and not iris.overflows()
    key.pull_out()
    iris.plug_in()
    iris.page.get_by_role("button", name="Use a security key").click()
    assert "did not answer" in told(iris), "another key than the one that is known"


def test_a_browser_is_remembered_by_a_key(iris: Person) -> None:
    try_one(iris, generate(iris)[0])
    iris.plug_in()
    add_key(iris, "blue")
    for path in ("/account/two-factor/", TWO_FACTOR):
        iris.context.clear_cookies(name="session_id")
        iris.open(f"/account/login/?next={TWO_FACTOR}")
        iris.fill(username="iris", password=PASSWORD)
        iris.press("Sign in")
        assert iris.path == path
        if path != TWO_FACTOR:
            iris.page.get_by_role("checkbox").check()
            iris.press("Use a security key")


def test_who_is_signed_out_meanwhile_is_led_to_the_form(iris: Person) -> None:
    try_one(iris, generate(iris)[0])
    iris.plug_in()
    iris.open(KEY)
    iris.fill(label="blue")
    iris.context.clear_cookies()
    iris.page.get_by_role("button", name="Add the key").click()
    iris.page.wait_for_url("**/account/login/**")


def test_who_has_to_type_the_password_again_meanwhile_is_asked_for_it(iris: Person, place: Place) -> None:
    try_one(iris, generate(iris)[0])
    iris.plug_in()
    iris.open(KEY)
    iris.fill(label="blue")
    with place.index.tools() as tools, begin(tools, OPERATOR) as work:
        for session in work.db.query(UserSession):
            session.authenticated_at -= timedelta(hours=1)
    iris.page.get_by_role("button", name="Add the key").click()
    iris.page.get_by_role("heading", name="Confirm your password").wait_for()
