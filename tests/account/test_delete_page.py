"""Leaving by the site, and taking along what is kept of one."""

from __future__ import annotations

import pytest

from tests.builders import wheel
from tests.upload.attempts import Attempt, accepted, run
from tests.web.browser import PASSWORD, browser
from warehouse.infra.db import Base
from warehouse.operations.tokens import create_token

PAGE = "/manage/account/delete/"
EXPORT = "/manage/account/export.json"


@pytest.fixture
def ada(index):
    return index.user("ada", verified=True)


@pytest.fixture
def page(index, ada):
    visitor = browser(index.tools)
    visitor.sign_in("ada")
    visitor.open(PAGE)
    return visitor


def leave(page, **fields):
    page.open(PAGE)
    return page.submit(action=PAGE, **{"confirm_username": "ada", "password": PASSWORD, **fields})


def test_the_name_and_the_password_delete_the_account(index, page):
    got = leave(page, confirm_username=" Ada ")
    assert "Your account is deleted." in got.text
    assert run(index, "SELECT count(*) FROM users") == [(0,)]
    assert "session_id" not in page.cookies
    assert page.get(PAGE).status == 303


def test_every_other_browser_is_signed_out_too(index, page):
    other = browser(index.tools)
    other.sign_in("ada")
    leave(page)
    assert other.get(PAGE).status == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"confirm_username": "eve"}, "Type your own username."),
        ({"confirm_username": ""}, "Type your own username."),
        ({"password": "wrong"}, "The password is wrong."),
        ({"password": ""}, "The password is wrong."),
    ],
)
def test_anything_else_deletes_nothing(index, page, fields, sentence):
    got = leave(page, **fields)
    assert (got.status, sentence in got.text) == (400, True)
    assert run(index, "SELECT count(*) FROM users") == [(1,)]


def test_a_wrong_password_is_noted(index, page):
    leave(page, password="wrong")
    assert ("account:reauthenticate:failure",) in run(index, "SELECT tag FROM audit_events")


def test_after_too_many_wrong_ones_the_page_says_how_long_to_wait(index, page):
    for _ in range(10):
        leave(page, password="wrong")
    got = leave(page)
    assert (got.status, "retry-after" in got.headers) == (429, True)
    assert "Try again in" in got.text and "confirm_username" in got.text


def test_whoever_has_no_password_types_the_name_alone(index, page):
    run(index, "UPDATE users SET password_hash = NULL")
    page.open(PAGE)
    assert "Your password" not in page.got.text
    page.submit(action=PAGE, confirm_username="ada")
    assert run(index, "SELECT count(*) FROM users") == [(0,)]


def test_what_has_to_be_handed_over_is_listed_and_a_form_sent_all_the_same_is_refused(index, ada, page):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    text = page.open(PAGE).text
    assert "You are the only owner of these projects." in text
    assert "<li>demo</li>" in text
    assert "confirm_username" not in text
    got = page.post(PAGE, confirm_username="ada", password=PASSWORD)
    assert (got.status, "ada is the only owner of demo." in got.text) == (409, True)
    assert run(index, "SELECT count(*) FROM users") == [(1,)]


def test_all_that_is_kept_of_one_is_in_one_file_without_any_secret(index, ada, page):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    with index.work(index.actor(ada)) as work:
        create_token(work, work.db.merge(ada), description="CI", projects=["demo"])
    run(index, "UPDATE users SET totp_secret = '\\x736563726574'")
    run(
        index,
        "INSERT INTO recovery_codes (user_id, digest) SELECT id, '\\x01' FROM users; "
        "INSERT INTO security_keys (user_id, label, credential_id, public_key, sign_count) "
        "SELECT id, 'blue', '\\x02', '\\x03', 0 FROM users; "
        "INSERT INTO associations (user_id, service, external_id, external_username, details) "
        "SELECT id, 'forge', '7', 'ada7', '{}' FROM users; "
        "INSERT INTO group_roles (user_id, issuer, role) SELECT id, 'forge', 'moderator' FROM users; "
        "UPDATE emails SET is_verified = true; "
        "INSERT INTO sent_mails (message_id, address, sender, subject, status) "
        "VALUES ('1', 'ada@example.com', 'x@example.com', 'Hello', 'accepted')",
    )
    got = page.get(EXPORT)
    assert (got.status, got.headers["cache-control"]) == (200, "private, no-store")
    assert got.headers["content-disposition"] == 'attachment; filename="account.json"'
    told = got.json
    assert (told["account"]["username"], told["emails"][0]["address"]) == ("ada", "ada@example.com")
    assert told["projects"] == [{"name": "demo", "role": "Owner"}]
    assert [token["projects"] for token in told["api_tokens"] if token["description"] == "CI"] == [["demo"]]
    assert told["second_factors"]["authentication_app"] is True
    assert told["second_factors"]["security_keys"][0]["label"] == "blue"
    assert told["linked_accounts"][0]["external_username"] == "ada7"
    assert told["roles_from_groups"][0]["role"] == "moderator"
    assert [mail["subject"] for mail in told["mails"]] == ["Hello"]
    assert told["recoveries"] == []
    assert len(told["sessions"]) == 1
    assert told["network_addresses"][0]["address"] == "192.0.2.1"
    assert "account:login:success" in [happened["tag"] for happened in told["history"]]
    for secret in ("password_hash", "salt", "digest", "csrf_token", "credential_id", "736563726574", "secret"):
        assert secret not in got.text.replace("totp_secret", "")


def test_whatever_is_kept_of_people_from_now_on_is_thought_of_here():
    """Who adds a table of people's data adds it to the file, and here."""
    theirs = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "users"
    }
    in_the_file = {
        "account_recoveries",
        "associations",
        "devices",
        "emails",
        "group_roles",
        "namespaces",
        "recovery_codes",
        "roles",
        "security_keys",
        "terms_engagements",
        "tokens",
        "user_sessions",
    }
    public_or_told_there_otherwise = {"invitations", "releases"}
    assert theirs == in_the_file | public_or_told_there_otherwise


@pytest.mark.parametrize("path", [PAGE, EXPORT])
def test_nobody_gets_in_who_is_not_signed_in(index, path):
    assert browser(index.tools).get(path).status == 303


def test_the_password_is_asked_for_again_after_a_while(index, page):
    run(index, "UPDATE user_sessions SET authenticated_at = authenticated_at - interval '31 minutes'")
    for path in (PAGE, EXPORT):
        got = page.get(path)
        assert (got.status, 'action="/account/reauthenticate/"' in got.text) == (200, True)
