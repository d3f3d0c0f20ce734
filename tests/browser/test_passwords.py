"""Typing passwords into a browser: seeing them, two that differ, forgetting one, and another one by mail."""

from __future__ import annotations

import pytest

from tests.browser.chromium import Person
from tests.browser.conftest import Place

NEW = "hamster unicycle"


@pytest.fixture
def bob(place: Place) -> str:
    """Somebody with an account and a password that everybody guesses."""
    text = place.index.run("user", "list", "--json").stdout
    if '"bob"' not in text:
        place.index.run("user", "add", "bob", "--email", "bob@example.com", "--password-stdin", text="correct horse\n")
    return "bob"


@pytest.mark.parametrize("path", ["/account/login/", "/account/request-password-reset/", "/account/confirm-login/"])
def test_a_browser_finds_nothing_wrong_with_the_pages_of_signing_in(person: Person, path: str) -> None:
    person.open(path)
    assert not person.overflows()
    person.picture(path.strip("/").replace("/", "-"))


def test_a_forgotten_password_is_replaced_by_mail_and_changed_on_the_site(
    person: Person, place: Place, bob: str
) -> None:
    person.open("/account/request-password-reset/")
    person.fill(username_or_email=bob)
    person.press("Send the mail")
    link = place.mail.link("bob@example.com", "Reset your password", within="/account/reset-password/?token=")
    page = person.open(link)
    person.fill(new_password=NEW, password_confirm="hamster")
    second = page.locator("#password_confirm")
    assert second.evaluate("field => field.validationMessage") == "The two passwords are not the same."
    second.fill(NEW)
    assert second.evaluate("field => field.validationMessage") == ""
    page.get_by_label("Show what I type").check()
    assert second.get_attribute("type") == page.locator("#new_password").get_attribute("type") == "text"
    person.picture("reset-password")
    assert not person.overflows()
    person.press("Set the password")

    assert person.path == "/account/login/" and "You have a new password" in person.text
    person.fill(username=bob, password="wrong")
    person.press("Sign in")
    assert "The password is wrong" in person.text and page.locator("#username").input_value() == bob
    person.picture("login-mistake")
    person.fill(password=NEW)
    person.press("Sign in")
    assert person.path.startswith("/manage/")

    person.open("/manage/account/password/")
    person.picture("password")
    assert not person.overflows()
    person.fill(password=NEW, new_password=f"another {NEW}", password_confirm=f"another {NEW}")
    person.press("Change the password")
    assert "signed out everywhere else" in person.text
    person.sign_out()
    assert person.path == "/" and "Sign in" in person.text
