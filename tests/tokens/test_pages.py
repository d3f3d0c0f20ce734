"""Tokens are made, listed and revoked on the site."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from tests.builders import wheel
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from tests.web.browser import PASSWORD, browser
from warehouse.operations.tokens import create_token

PAGE = "/manage/account/token/"


@pytest.fixture
def ada(index):
    user = index.user("ada", verified=True)
    for name in ("demo", "Other.Project"):
        accepted(index, Attempt(wheel(name, "1.0"), by=user))
    run(index, "DELETE FROM tokens")
    return user


@pytest.fixture
def page(index, ada):
    visitor = browser(index.tools)
    visitor.sign_in("ada")
    assert visitor.open(PAGE).status == 200
    return visitor


def shown_token(got):
    (text,) = re.findall(r"<code>(pypi-[\w-]+)</code>", got.text)
    return text


def make(visitor, **fields):
    return visitor.submit(action=PAGE, **{"description": "laptop", "scope": "all", "lifetime": "30", **fields})


def test_a_token_is_shown_in_the_answer_and_nowhere_else(index, page):
    got = make(page)
    assert (got.status, got.headers["cache-control"]) == (200, "private, no-store")
    token = shown_token(got)
    accepted(index, Attempt(wheel("third", "1.0"), token=token))
    listed = page.open(PAGE)
    assert "laptop" in listed.text
    assert token not in listed.text
    assert "everything that you may do" in listed.text


def test_a_token_is_for_the_projects_that_were_ticked(index, page):
    token = shown_token(make(page, scope="projects", **{"project:other-project": "on"}))
    accepted(index, Attempt(wheel("Other.Project", "1.1"), token=token))
    refused(index, Attempt(wheel("demo", "1.1"), token=token), 403, "Invalid API Token")
    both = shown_token(
        make_again(page, description="both", scope="projects", **{"project:other-project": "on", "project:demo": "on"})
    )
    accepted(index, Attempt(wheel("demo", "1.1"), token=both))


def make_again(page, **fields):
    page.open(PAGE)
    return make(page, **fields)


def test_it_ends_when_was_chosen_or_never(index, page):
    make(page)
    make_again(page, description="for ever", lifetime="")
    days = "SELECT round(extract(epoch FROM expires_at - created_at) / 86400) FROM tokens ORDER BY created_at"
    assert run(index, days) == [(30,), (None,)]


def test_the_usual_lifetime_is_offered_where_the_index_has_one(index, ada):
    visitor = browser(index.tools, WAREHOUSE_TOKENS__DEFAULT_LIFETIME="14 days")
    visitor.sign_in("ada")
    assert "as is usual here: after 14 days" in visitor.open(PAGE).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"description": " "}, "Describe the token in 1 to 100 printable characters."),
        ({"description": "a" * 101}, "Describe the token in 1 to 100 printable characters."),
        ({"scope": ""}, "Choose what the token is for"),
        ({"scope": "projects"}, "Choose what the token is for"),
        ({"scope": "projects", "project:eves": "on"}, "ada has no project"),
        ({"scope": "projects", "project:\0": "on"}, "ada has no project"),
        ({"lifetime": "36500"}, "Choose one of the times in the list."),
        ({"lifetime": "-1"}, "Choose one of the times in the list."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_made(index, page, fields, sentence):
    got = make(page, **fields)
    assert got.status == 400
    assert sentence in got.text
    assert "Mistake:" in got.page.text("title")
    assert run(index, "SELECT count(*) FROM tokens") == [(0,)]


def test_what_was_filled_in_is_still_there(page):
    got = make(page, description="laptop", scope="", **{"project:demo": "on"})
    fields = {element.attributes.get("name"): element.attributes for element in got.page.all("input")}
    assert fields["description"]["value"] == "laptop"
    assert "checked" in fields["project:demo"]
    assert "checked" not in fields["project:other-project"]


def test_a_name_is_taken_once(page):
    make(page)
    assert "ada has a token called &#39;laptop&#39; already." in make_again(page).text


def revoke(index, page, **fields):
    ((token_id,),) = run(index, "SELECT id::text FROM tokens WHERE parent_id IS NULL")
    page.open(PAGE)
    return page.submit(action=f"{PAGE}{token_id}/revoke/", **fields)


def test_a_token_is_revoked_with_the_password(index, page):
    token = shown_token(make(page))
    got = revoke(index, page, password=PASSWORD)
    assert "The token “laptop” is revoked" in got.text
    refused(index, Attempt(wheel("third", "1.0"), token=token), 403, "Invalid or non-existent")


def test_a_wrong_password_revokes_nothing_and_is_noted(index, page):
    make(page)
    got = revoke(index, page, password="wrong")
    assert (got.status, "The password is wrong." in got.text) == (400, True)
    assert run(index, "SELECT count(*) FROM tokens") == [(1,)]
    assert ("account:reauthenticate:failure",) in run(index, "SELECT tag FROM audit_events")


def test_whoever_has_no_password_just_revokes(index, page):
    make(page)
    run(index, "UPDATE users SET password_hash = NULL")
    page.open(PAGE)
    assert "Your password" not in page.got.text
    assert "is revoked" in revoke(index, page).text


@pytest.mark.parametrize("token_id", ["00000000-0000-0000-0000-000000000001", "nothing", "%00"])
def test_a_token_that_is_not_ones_own_is_left_alone(index, page, token_id):
    eve = index.user("eve", verified=True)
    with index.work() as work:
        token, _ = create_token(work, work.db.merge(eve), description="hers")
    for strange in (token_id, str(token.id)):
        got = page.post(f"{PAGE}{strange}/revoke/", password=PASSWORD)
        assert "You have no such token." in got.text
    assert run(index, "SELECT count(*) FROM tokens") == [(1,)]


def test_where_a_token_was_used_and_what_was_derived_from_it_is_told(index, ada, page):
    token = token_of(index, ada)
    accepted(index, Attempt(wheel("demo", "1.1"), token=token))
    run(
        index,
        "INSERT INTO tokens (user_id, description, salt, caveats, parent_id, expires_at) "
        "SELECT user_id, 'CI', salt, caveats, id, now() + interval '1 min' FROM tokens",
    )
    text = page.open(PAGE).text
    assert "from 192.0.2.1" in text
    assert "1 token that lives shortly" in text
    assert text.count("/revoke/") == 1


def test_nobody_gets_in_who_is_not_signed_in(index, ada):
    stranger = browser(index.tools)
    for got in (stranger.get(PAGE), stranger.post(PAGE, follow=False), stranger.post(f"{PAGE}x/revoke/", follow=False)):
        assert got.status == 303
        assert "/account/login/" in got.headers["location"]


def test_a_form_without_the_sessions_token_makes_nothing(index, page):
    got = page.post(PAGE, description="laptop", scope="all", lifetime="30", csrf_token="x")
    assert got.status == 403
    assert run(index, "SELECT count(*) FROM tokens") == [(0,)]


def test_the_number_of_queries_does_not_grow_with_the_tokens(index, ada, page):
    def asked() -> int:
        statements = []

        def note(*arguments):
            statements.append(arguments[2])

        event.listen(index.tools.database.engine, "before_cursor_execute", note)
        page.open(PAGE)
        event.remove(index.tools.database.engine, "before_cursor_execute", note)
        return len(statements)

    few = asked()
    for _ in range(20):
        token_of(index, ada)
    assert asked() == few
