"""The page where people sign in, as their browsers see it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.conftest import CHEAP_PASSWORDS, MakeIndex
from tests.index import Index
from tests.sign_in.conftest import MakeAccount
from tests.web.browser import Browser, browser
from warehouse.domain.accounts import SecurityKey, User, UserSession

LOGIN = "/account/login/"


@pytest.fixture
def visitor(index: Index, account: MakeAccount) -> Browser:
    account()
    return browser(index.tools)


def sign_in(visitor: Browser, username: str = "ada", password: str = "correct horse", query: str = "", **fields: str):
    visitor.get(LOGIN + query)
    return visitor.submit(action=LOGIN, follow=False, username=username, password=password, **fields)


def test_who_knows_the_password_is_let_in_and_led_to_their_projects(visitor: Browser) -> None:
    got = sign_in(visitor)
    assert (got.status, got.leads_to) == (303, "/manage/projects/")
    assert {"session_id", "user_id__insecure"} <= set(visitor.cookies)
    got = visitor.get(LOGIN)
    assert (got.status, got.leads_to) == (303, "/manage/projects/")


def test_the_form_is_one_that_password_programs_understand(visitor: Browser) -> None:
    page = visitor.get(LOGIN).page
    fields = {element.attributes.get("name"): element.attributes for element in page.all("input")}
    assert fields["username"]["autocomplete"] == "username"
    assert fields["password"]["autocomplete"] == "current-password" and fields["password"]["type"] == "password"
    assert "/account/request-password-reset/" in [link.attributes["href"] for link in page.all("a")]


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("ada", "wrong", "The password is wrong"),
        ("nobody", "correct horse", "no user of this name"),
        ("ada@example.com", "correct horse", "A username is not an e-mail address"),
    ],
)
def test_what_was_wrong_is_said_and_the_name_is_kept(visitor: Browser, username: str, password: str, said: str) -> None:
    got = sign_in(visitor, username, password)
    assert got.status == 400 and said in got.text
    fields = {element.attributes.get("name"): element.attributes for element in got.page.all("input")}
    assert fields["username"]["value"] == username
    assert "value" not in fields["password"]
    assert "session_id" not in visitor.cookies


def test_somebody_is_led_back_to_where_they_were_going(visitor: Browser) -> None:
    got = sign_in(visitor, query="?next=%2Fsearch%2F%3Fq%3Da%26page%3D2")
    assert got.leads_to == "/search/?q=a&page=2"


def test_the_way_there_survives_a_wrong_password(visitor: Browser) -> None:
    sign_in(visitor, password="wrong", query="?next=/search/")
    assert visitor.submit(action=LOGIN, follow=False, username="ada", password="correct horse").leads_to == "/search/"


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(visitor: Browser, next: str) -> None:
    assert sign_in(visitor, query=f"?{urlencode({'next': next})}").leads_to == "/manage/projects/"
    visitor.cookies.clear()
    assert sign_in(visitor, next=next).leads_to == "/manage/projects/"


def test_after_too_many_wrong_passwords_the_form_says_how_long_to_wait(visitor: Browser) -> None:
    for _ in range(10):
        assert sign_in(visitor, password="wrong").status == 400
    got = sign_in(visitor)
    assert got.status == 429 and 0 < int(got.headers["retry-after"]) <= 300
    assert "too many" in got.text.lower() and "minute" in got.text
    assert "session_id" not in visitor.cookies


def test_who_has_a_second_factor_is_led_to_it_without_a_session(visitor: Browser, index: Index) -> None:
    with index.work() as work:
        user = work.db.query(User).one()
        work.db.add(SecurityKey(user_id=user.id, label="key", credential_id=b"c", public_key=b"p", sign_count=0))
    got = sign_in(visitor, query="?next=/search/")
    assert got.status == 303 and got.leads_to.startswith("/account/two-factor/?")
    assert visitor.cookies == {}
    assert visitor.get(got.leads_to).status == 200


def test_a_session_that_somebody_planted_is_not_the_one_that_is_used(visitor: Browser, index: Index) -> None:
    visitor.cookies["session_id"] = "planted"
    sign_in(visitor)
    assert visitor.cookies["session_id"] != "planted"
    first = visitor.cookies["session_id"]
    visitor.cookies.clear()
    sign_in(visitor)
    assert visitor.cookies["session_id"] != first
    with index.work() as work:
        assert work.db.query(UserSession).count() == 2


def test_a_form_of_another_site_signs_nobody_in(visitor: Browser) -> None:
    visitor.get(LOGIN)
    visitor.environ["HTTP_ORIGIN"] = "https://evil.example"
    assert visitor.post(LOGIN, username="ada", password="correct horse").status == 403
    assert "session_id" not in visitor.cookies


@pytest.mark.parametrize(
    "body", [b"username=ada&username=eve", b"username=%ff", b"a=b&" * 60, b"username", b"\xff\xfe"]
)
def test_a_form_that_is_none_is_refused_in_a_sentence(visitor: Browser, body: bytes) -> None:
    got = visitor._client.post(LOGIN, body)
    assert got.status == 400


def test_names_on_the_page_are_text(visitor: Browser) -> None:
    got = sign_in(visitor, username='"><script>alert(1)</script>')
    assert "<script>alert" not in got.text


def test_nobody_keeps_the_page_of_somebody_who_is_signed_in(visitor: Browser) -> None:
    assert sign_in(visitor).headers["cache-control"] == "no-store"


def test_registering_is_offered_where_it_is_open(account: MakeAccount, index_with: MakeIndex) -> None:
    index = index_with()
    open_to_all = browser(index.tools, **CHEAP_PASSWORDS, WAREHOUSE_ACCOUNTS__REGISTRATION="open")
    assert "/account/register/" in open_to_all.get(LOGIN).text
    assert "/account/register/" not in browser(index.tools).get(LOGIN).text
