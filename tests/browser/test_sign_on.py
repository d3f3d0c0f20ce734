"""Single sign-on in a browser, with an issuer that is another site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.browser.chromium import Person
from tests.browser.mailbox import free_port
from tests.served import served
from tests.sign_on.issuer import LocalIssuer

LINKED = "/manage/account/associations/"


@pytest.fixture
def person(tmp_path, windows: Callable[..., Person]) -> Iterator[Person]:
    """Somebody at an index of two processes that trusts the issuer and asks again after two seconds."""
    port = free_port()
    with LocalIssuer(asks_who=True) as issuer:
        about = {"issuer": issuer.url, "client_id": issuer.client_id, "title": "Example Corp"}
        environ = {
            "WAREHOUSE_LISTEN": f"127.0.0.1:{port}",
            "WAREHOUSE_SITE__URL": f"http://localhost:{port}",
            "WAREHOUSE_WEB__WORKERS": "2",
            "WAREHOUSE_SESSIONS__REAUTHENTICATE_AFTER": "2 s",
            "WAREHOUSE_SIGN_ON__ISSUERS": json.dumps({"corp": about}),
            "WAREHOUSE_SIGN_ON__CLIENT_SECRETS": f"corp={issuer.client_secret}",
            "WAREHOUSE_SIGN_ON__PASSWORDS": "off",
        }
        with served(tmp_path / "sign-on", **environ):
            person = windows(f"http://localhost:{port}")
            yield person
            person.context.close()
            assert person.complaints == []


def follow(person: Person, words: str) -> None:
    person.page.get_by_role("link", name=words, exact=True).click()


def test_somebody_comes_from_their_company_and_proves_there_that_it_is_still_them(person):
    person.open(LINKED)
    assert person.path == "/account/login/" and person.page.locator("input[type=password]").count() == 0
    person.picture("sign-on")
    assert not person.overflows()
    follow(person, "Sign in with Example Corp")
    assert "Who are you?" in person.text
    follow(person, "ada")
    assert person.path == LINKED
    assert "Welcome, ada." in person.text
    person.picture("linked")
    assert not person.overflows()
    person.page.wait_for_timeout(2500)
    person.open(LINKED)
    assert "Confirm that it is you" in person.text
    person.picture("confirm")
    follow(person, "Confirm with Example Corp")
    follow(person, "bob")
    assert "you are signed in as somebody else than here" in person.text
    follow(person, "Confirm with Example Corp")
    follow(person, "ada")
    assert person.path == LINKED and "ada@example.com" in person.text
    person.press("Remove ada@example.com at Example Corp")
    assert "only way in which you can sign in" in person.text
    person.sign_out()
    person.open(LINKED)
    assert person.path == "/account/login/"
