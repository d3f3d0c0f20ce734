"""Tokens that were found in public are taken back, and their owners hear of it."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import wheel
from tests.cli.conftest import environ
from tests.cli.conftest import run as command
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from warehouse.errors import NotAllowed
from warehouse.operations.leaks import revoke_leaked, tokens_in
from warehouse.standards import macaroons

__all__ = ["command", "environ"]


@pytest.fixture
def ada(index):
    user = index.user("ada")
    accepted(index, Attempt(wheel("demo", "1.0"), by=user))
    return user


def id_of(token):
    return uuid.UUID(macaroons.from_token(token).identifier.decode())


def test_a_token_in_a_log_is_revoked_and_its_owner_is_told_even_by_an_unverified_address(index, ada, command):
    token = token_of(index, ada, "demo")
    log = f"HTTP 403\n+ twine upload -p {token} dist/*\nagain: {token}\n"
    result = command("token", "leaked", "--found-at", "https://example.org/log", "--found-by", "eve", stdin=log)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Revoked '")
    assert result.stdout.endswith("' of ada.\n")
    assert result.stdout.count("\n") == 1
    refused(index, Attempt(wheel("demo", "1.1"), token=token), 403, "Invalid or non-existent")
    ((details,),) = run(index, "SELECT details FROM audit_events WHERE tag = 'account:api_token:removed_leak'")
    assert (details["public_url"], details["origin"]) == ("https://example.org/log", "eve")
    assert ("project:api_token:removed",) in run(index, "SELECT tag FROM audit_events")
    ((mail,),) = run(index, "SELECT args FROM procrastinate_jobs WHERE args::text LIKE '%found in public%'")
    told = json.dumps(mail)
    assert "ada@example.com" in told
    assert "https://example.org/log" in told


def test_what_was_derived_from_it_ends_with_it(index, ada):
    token = token_of(index, ada)
    run(
        index,
        "INSERT INTO tokens (user_id, description, salt, caveats, parent_id) "
        "SELECT user_id, 'CI', salt, caveats, id FROM tokens WHERE id = :id",
        id=id_of(token),
    )
    with index.work() as work:
        revoke_leaked(work, id_of(token))
    assert run(index, "SELECT count(*) FROM tokens WHERE parent_id IS NOT NULL") == [(0,)]


def test_a_token_of_another_index_is_none_of_ours(index, ada, command):
    made = macaroons.to_token(macaroons.create("elsewhere", str(uuid.uuid4()).encode(), b"k" * 32, [b"[3,1]"] * 3))
    for text in (made, "nothing", "", "pypi-" + "A" * 100, made[:-40]):
        result = command("token", "leaked", stdin=text)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "No token of this index was found in it.\n"


def test_only_those_who_run_the_index_take_tokens_back(index, ada):
    with pytest.raises(NotAllowed), index.work(index.actor(ada)) as work:
        revoke_leaked(work, uuid.uuid4())


@pytest.mark.parametrize("around", ["{}", "x{} ", "'{}'", "https://__token__:{}@example.org/", "a={}&b", "“{}”"])
def test_a_token_is_found_whatever_stands_around_it(index, ada, around):
    token = token_of(index, ada)
    assert list(tokens_in(around.format(token))) == [id_of(token)]


@given(st.text() | st.text().map(lambda text: f"pypi-{text}"))
def test_any_text_may_be_looked_through(text):
    assert list(tokens_in(text)) == []


def test_a_long_text_is_looked_through_in_no_time_at_all():
    assert list(tokens_in("pypi-" * 200_000)) == []
    assert list(tokens_in("pypi-" + "A" * 1_000_000)) == []
