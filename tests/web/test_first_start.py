"""The first-start link makes its first visitor the administrator, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from tests.index import Index, basic
from tests.web.browser import Browser
from tests.web.client import Client, site
from warehouse.domain.accounts import User, user_named
from warehouse.domain.tokens import Token
from warehouse.operations.tokens import actor_of
from warehouse.work import Tools

ADA = {
    "username": "ada",
    "email": "ada@example.com",
    "password": "correct horse",
    "password_again": "correct horse",
}


def people(tools: Tools) -> tuple[int | None, int | None]:
    with tools.database.session() as db:
        return db.scalar(select(func.count(User.id))), db.scalar(select(func.count(Token.id)))


def test_the_link_shows_a_form_in_which_every_field_has_its_label(web: Client, setup_path: str) -> None:
    page = web.get(setup_path).page
    labels = {element.attributes["for"] for element in page.all("label")}
    assert labels == {element.attributes["id"] for element in page.all("input")} == {*ADA, "q"}


def test_the_form_makes_the_administrator_and_a_token_that_works(tools: Tools, web: Client, setup_path: str) -> None:
    got = web.post(setup_path, ADA)
    assert got.status == 200
    token, twine, uv, *_ = got.page.commands
    with tools.database.session() as db:
        ada = user_named(db, "ada")
        assert ada is not None and ada.is_administrator
        actor = actor_of(db, tools, basic("__token__", token), now=datetime.now(UTC), address="", user_agent=None)
    assert actor.user_id == ada.id and actor.credential is not None and actor.credential.flaw is None
    assert twine == (
        f"export TWINE_USERNAME=__token__\nexport TWINE_PASSWORD={token}\n"
        "twine upload --repository-url http://index.test/legacy/ dist/*"
    )
    assert uv == f"uv publish --publish-url http://index.test/legacy/ --token {token}"


def test_the_administrator_is_signed_in_and_shown_what_comes_next(tools: Tools, setup_path: str) -> None:
    browser = Browser(site(tools))
    browser.get(setup_path)
    page = browser.submit(follow=False, **ADA).page
    assert "ada" in page.text("header")
    links = {element.attributes["href"] for element in page.all("a")}
    assert {"/manage/account/token/", "/manage/account/two-factor/", "/manage/account/invitations/"} <= links
    assert browser.get("/manage/account/invitations/").status == 200


def test_a_public_index_says_that_a_second_factor_comes_before_the_first_project(tools: Tools, setup_path: str) -> None:
    assert "second factor comes first" in site(tools, WAREHOUSE_PROFILE="public").post(setup_path, ADA).text
    assert "second factor comes first" not in site(tools).get(setup_path).text


def test_nobody_keeps_or_passes_on_what_is_behind_the_link(web: Client, setup_path: str) -> None:
    for got in (web.get(setup_path), web.post(setup_path, ADA), web.get(setup_path), web.get("/setup/wrong")):
        assert got.headers["cache-control"] == "no-store"
        assert got.headers["referrer-policy"] == ("same-origin" if b'method="post"' in got.body else "no-referrer")


def test_a_used_link_is_gone(tools: Tools, web: Client, setup_path: str) -> None:
    web.post(setup_path, ADA)
    for got in (web.get(setup_path), web.post(setup_path, {**ADA, "username": "eve", "email": "eve@example.com"})):
        assert got.status == 410
        assert "has its administrator already" in got.page.text("main")
    assert people(tools) == (1, 1)


@pytest.mark.parametrize("key", ["0" * 40, "x", "%", "ü", "\x00", "a" * 2000])
def test_a_wrong_link_leads_nowhere(tools: Tools, web: Client, key: str) -> None:
    path = "/setup/" + key.encode().decode("latin-1")
    assert web.get(path).status == 404
    assert web.post(path, ADA).status == 404
    assert people(tools) == (0, 0)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"username": "a b"}, "username", "A username has up to"),
        ({"username": ""}, "username", "A username has up to"),
        ({"email": "ada"}, "email", "is not an e-mail address"),
        ({"email": "a\x00@example.com"}, "email", "is not an e-mail address"),
        ({"password": "short", "password_again": "short"}, "password", "A password has 8 to"),
        ({"password": "password", "password_again": "password"}, "password", "easy to guess"),
        ({"password": "ada@example.com", "password_again": "ada@example.com"}, "password", "easy to guess"),
        ({"password_again": "another horse"}, "password_again", "not the same"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_makes_nothing(
    tools: Tools, web: Client, setup_path: str, change: dict[str, str], field: str, sentence: str
) -> None:
    got = web.post(setup_path, {**ADA, **change})
    assert got.status == 400
    page = got.page
    (mistaken,) = [element for element in page.all("input") if "aria-invalid" in element.attributes]
    assert mistaken.attributes["id"] == field
    described = (mistaken.attributes["aria-describedby"] or "").split()
    told = [element.text for element in page.elements if element.attributes.get("id") in described]
    assert any(sentence in text for text in told)
    assert page.text("title").startswith("Mistake:")
    assert people(tools) == (0, 0)


def test_all_mistakes_are_told_at_once(web: Client, setup_path: str) -> None:
    typed = {"username": "a b", "email": "ada", "password": "password", "password_again": "passwort"}
    page = web.post(setup_path, typed).page
    mistaken = [element.attributes["id"] for element in page.all("input") if "aria-invalid" in element.attributes]
    assert mistaken == list(typed)
    links = [element.attributes["href"] for element in page.all("a")]
    assert [link for link in links if link in {f"#{name}" for name in typed}] == [f"#{name}" for name in typed]


def test_after_a_mistake_passwords_have_to_be_typed_again_and_the_rest_does_not(web: Client, setup_path: str) -> None:
    page = web.post(setup_path, {**ADA, "password_again": "another horse"}).page
    values = {element.attributes["id"]: element.attributes.get("value") for element in page.all("input")}
    assert values.pop("q") == ""
    assert values == {"username": "ada", "email": "ada@example.com", "password": None, "password_again": None}
    assert "horse" not in page.source


def test_a_taken_name_is_told(index: Index, tools: Tools, web: Client, setup_path: str) -> None:
    index.user("ada")
    got = web.post(setup_path, ADA)
    assert got.status == 400
    assert "is taken" in got.text
    assert people(tools) == (1, 0)


def test_of_two_visitors_at_once_one_becomes_the_administrator(tools: Tools, web: Client, setup_path: str) -> None:
    forms = [{**ADA, "username": name, "email": f"{name}@example.com"} for name in ("ada", "eve", "bob", "joe")]
    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(got.status for got in threads.map(lambda form: web.post(setup_path, form), forms))
    assert statuses == [200, 410, 410, 410]
    assert people(tools) == (1, 1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"HTTP_ORIGIN": "http://index.test"}, 200),
        ({"HTTP_ORIGIN": "https://index.test"}, 200),  # a proxy ends TLS and does not say so
        ({"HTTP_ORIGIN": "https://public.test"}, 200),
        ({"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "same-origin"}, 200),
        ({"HTTP_SEC_FETCH_SITE": "none"}, 200),
        ({"HTTP_ORIGIN": "null"}, 403),
        ({"HTTP_ORIGIN": "http://index.test:8080"}, 403),
        ({"HTTP_ORIGIN": "https://evil.test"}, 403),
        ({"HTTP_ORIGIN": "http://[index.test"}, 403),
        ({"HTTP_ORIGIN": "http://index.test", "HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, 403),
    ],
)
def test_forms_of_other_sites_are_refused(tools: Tools, setup_path: str, headers: dict[str, str], status: int) -> None:
    web = site(tools, WAREHOUSE_SITE__URL="https://public.test")
    assert web.post(setup_path, ADA, **headers).status == status
    assert people(tools) == ((1, 1) if status == 200 else (0, 0))


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"username=ada&username=eve", "application/x-www-form-urlencoded", 400),
        (b"username=%ff", "application/x-www-form-urlencoded", 400),
        (b"username=\xff", "application/x-www-form-urlencoded", 400),
        (b"&a=" * 60, "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 65536, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 400),
        (b"--x--", "multipart/form-data; boundary=x", 400),
        (b"", "", 400),
    ],
)
def test_what_is_no_form_is_refused(web: Client, setup_path: str, body: bytes, content_type: str, status: int) -> None:
    assert web.post(setup_path, body, CONTENT_TYPE=content_type).status == status
