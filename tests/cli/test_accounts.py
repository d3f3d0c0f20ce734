"""Users and tokens are made and taken away on the command line, and every refusal is one sentence."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

import pytest

from tests.builders import wheel
from warehouse.domain.accounts import user_named


def user(index, name):
    with index.work() as work:
        found = user_named(work.db, name)
        assert found is not None
        return found, [(email.address, email.is_verified) for email in found.emails]


def test_a_user_is_added_with_a_password_from_standard_input(run, index):
    words = ("user", "add", "ada", "--email", "ada@example.com", "--password-stdin", "--admin")
    result = run(*words, stdin="correct horse\nnot this line\n")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Added ada.\n", "")
    ada, emails = user(index, "ada")
    assert index.tools.passwords.matches("correct horse", ada.password_hash)
    assert (ada.is_administrator, emails) == (True, [("ada@example.com", True)])


def test_a_user_without_a_password_uses_tokens_only(run, index):
    assert run("user", "add", "bot", "--email", "bot@example.com", "--unverified").exit_code == 0
    bot, emails = user(index, "bot")
    assert (bot.password_hash, bot.is_administrator, emails) == (None, False, [("bot@example.com", False)])


@pytest.mark.parametrize(
    ("words", "stdin", "sentence"),
    [
        (("ada", "--email", "other@example.com"), "", "The name 'ada' is taken. Choose another one."),
        (("eve", "--email", "ada@example.com"), "", "Another account uses this e-mail address."),
        (("eve", "--email", "eve@example.com", "--password-stdin"), "short\n", "A password has 8 to 4096 characters."),
        (("-", "--email", "eve@example.com"), "", "A username has up to 50 ASCII letters"),
        (("eve", "--email", "nowhere"), "", "'nowhere' is not an e-mail address"),
    ],
)
def test_a_user_that_cannot_be_is_refused(run, index, words, stdin, sentence):
    index.user("ada")
    result = run("user", "add", *words, stdin=stdin)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1


def test_users_are_listed_for_people_and_for_scripts(run, index):
    index.user("grace", verified=True)
    index.user("ada", administrator=True)
    lines = run("user", "list").stdout.splitlines()
    assert lines[1].split()[:3] == ["ada", "ada@example.com", "administrator"]
    listed = json.loads(run("user", "list", "--json").stdout)
    assert [(one["username"], one["email_verified"], one["is_frozen"]) for one in listed] == [
        ("ada", False, False),
        ("grace", True, False),
    ]


def test_a_new_password_replaces_the_old(run, index):
    index.user("ada")
    assert run("user", "password", "ada", "--password-stdin", stdin="battery staple").exit_code == 0
    ada, _ = user(index, "ada")
    assert index.tools.passwords.matches("battery staple", ada.password_hash)
    assert run("user", "password", "ada", stdin="typed in twice\ntyped in twice\n").exit_code == 0
    ada, _ = user(index, "ada")
    assert index.tools.passwords.matches("typed in twice", ada.password_hash)
    result = run("user", "password", "ada", "--password-stdin", stdin="short")
    assert (result.exit_code, result.stderr) == (1, "A password has 8 to 4096 characters.\n")


def test_a_frozen_user_is_shut_out_until_unfrozen(run, index):
    token = index.token(index.user("ada"))
    assert run("user", "freeze", "ada").exit_code == 0
    assert index.upload(wheel("demo", "1.0"), token=token).status == 403
    assert json.loads(run("user", "list", "--json").stdout)[0]["is_frozen"]
    assert run("user", "unfreeze", "ada").exit_code == 0
    assert index.upload(wheel("demo", "1.0"), token=token).status == 200


@pytest.mark.parametrize(
    "words",
    [
        ("user", "freeze", "nobody"),
        ("user", "unfreeze", "nobody"),
        ("user", "password", "nobody", "--password-stdin"),
        ("token", "create", "nobody"),
        ("token", "list", "nobody"),
        ("token", "revoke", "nobody", str(uuid.UUID(int=1))),
    ],
)
def test_an_unknown_user_is_refused(run, words):
    result = run(*words, stdin="long enough\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "There is no user 'nobody'. 'warehouse user list' shows all of them.\n"


def test_a_token_is_all_that_is_printed_and_it_works_until_it_is_revoked(run, index):
    index.user("ada")
    result = run("token", "create", "ada", "--description", "CI")
    assert result.stderr == ""
    token = result.stdout.removesuffix("\n")
    assert token.startswith("pypi-")
    assert index.upload(wheel("demo", "1.0"), token=token).status == 200
    (listed,) = json.loads(run("token", "list", "ada", "--json").stdout)
    assert (listed["description"], listed["projects"], listed["expires_at"]) == ("CI", None, None)
    assert listed["last_used_from"] == "192.0.2.1"
    assert run("token", "revoke", "ada", listed["id"]).exit_code == 0
    assert index.upload(wheel("demo", "2.0"), token=token).status == 403
    assert json.loads(run("token", "list", "ada", "--json").stdout) == []


def test_a_token_is_limited_to_projects_and_days(run, index):
    ada = index.user("ada")
    index.upload(wheel("Some.Thing", "1.0"), by=ada)
    token = run("token", "create", "ada", "--project", "some-thing", "--expires-in-days", "7").stdout.strip()
    assert index.upload(wheel("Some.Thing", "2.0"), token=token).status == 200
    assert index.upload(wheel("other", "1.0"), token=token).status == 403
    listed = json.loads(run("token", "list", "ada", "--json").stdout)[-1]
    assert listed["projects"] == ["some-thing"]
    assert listed["expires_at"] > listed["created_at"]
    assert "some-thing" in run("token", "list", "ada").stdout


def test_the_settings_say_how_long_a_token_lives_unless_the_command_does(run, index):
    index.user("ada")
    run("token", "create", "ada", WAREHOUSE_TOKENS__DEFAULT_LIFETIME="30 days")
    assert json.loads(run("token", "list", "ada", "--json").stdout)[0]["expires_at"] is not None


def test_tokens_that_cannot_be_are_refused(run, index):
    index.user("ada")
    run("token", "create", "ada", "--description", "CI")
    again = run("token", "create", "ada", "--description", "CI")
    assert (again.exit_code, again.stdout, again.stderr) == (1, "", "ada has a token called 'CI' already.\n")
    unknown = run("token", "create", "ada", "--project", "demo")
    assert (unknown.exit_code, unknown.stderr) == (1, "ada has no project 'demo'. Upload to it once first.\n")
    never = run("token", "create", "ada", "--expires-in-days", "0")
    assert never.exit_code == 2
    strange = run("token", "revoke", "ada", str(uuid.UUID(int=1)))
    assert (strange.exit_code, strange.stderr) == (1, f"ada has no token {uuid.UUID(int=1)}.\n")


def test_a_token_lives_as_long_as_is_said_in_words(run, index):
    index.user("ada")
    assert run("token", "create", "ada", "--expires-in", "15 min").exit_code == 0
    (listed,) = json.loads(run("token", "list", "ada", "--json").stdout)
    lived = datetime.fromisoformat(listed["expires_at"]) - datetime.fromisoformat(listed["created_at"])
    assert timedelta(minutes=14) < lived <= timedelta(minutes=15)
    both = run("token", "create", "ada", "--expires-in", "15 min", "--expires-in-days", "7")
    assert (both.exit_code, "not both" in both.stderr) == (2, True)
    wrong = run("token", "create", "ada", "--expires-in", "soon")
    assert (wrong.exit_code, "such as '14 days'" in wrong.stderr) == (2, True)
