"""People are appointed, shut out and let in again on the command line, and network addresses are banned."""

from __future__ import annotations

import json

import pytest

from tests.builders import wheel
from tests.staff.people import user


def test_people_are_appointed_and_dismissed(run, index):
    index.user("ada")
    assert run("user", "appoint", "ADA", "moderator").stdout == "ada is a moderator.\n"
    assert run("user", "appoint", "ada", "administrator").stdout == "ada is an administrator.\n"
    assert json.loads(run("user", "list", "--json").stdout)[0]["is_moderator"]
    last = run("user", "dismiss", "ada", "administrator")
    assert (last.exit_code, last.stderr.partition(".")[0]) == (1, "ada is the last administrator")
    assert run("user", "dismiss", "ada", "moderator").stdout == "ada is a moderator no longer.\n"
    assert run("user", "appoint", "ada", "king").exit_code == 2


def test_a_password_is_taken_away(run, index):
    index.user("ada", verified=True)
    said = run("user", "disable-password", "ada")
    assert (said.exit_code, said.stdout) == (0, "ada has no password any more; a mail says how to get one.\n")
    assert user(index, "ada").password_hash is None
    assert run("user", "disable-password", "ada").stdout == "ada has no password anyway.\n"


def test_staff_are_given_a_password_by_hand(run, index):
    index.user("ada", verified=True)
    run("user", "appoint", "ada", "moderator")
    said = run("user", "disable-password", "ADA").stdout
    assert said.endswith("gets none by mail: give them one with 'warehouse user password ada'.\n")


def test_the_domains_of_somebody_who_is_frozen_are_prohibited_when_that_is_said(run, index):
    index.user("ada", verified=True)
    assert run("user", "freeze", "ada").stdout == "ada is frozen.\n"
    said = run("user", "freeze", "ada", "--prohibit-domains")
    assert said.stdout == "ada is frozen; prohibited: example.com.\n"


def test_pictures_and_passwords_by_mail_are_forbidden_and_permitted(run, index):
    index.user("ada")
    assert run("user", "forbid", "ADA", "avatar").stdout == "ada has a picture of their own no longer.\n"
    assert run("user", "forbid", "ada", "password-reset").stdout == "ada has passwords by mail no longer.\n"
    assert (user(index, "ada").hide_avatar, user(index, "ada").prohibit_password_reset) == (True, True)
    assert run("user", "permit", "ada", "avatar").stdout == "ada has a picture of their own again.\n"
    assert run("user", "permit", "ada", "password-reset").stdout == "ada has passwords by mail again.\n"
    assert (user(index, "ada").hide_avatar, user(index, "ada").prohibit_password_reset) == (False, False)


def test_addresses_are_banned_listed_and_permitted_again(run, index):
    assert run("ban", "add", "::ffff:192.0.2.7").stdout == "192.0.2.7 is banned.\n"
    assert run("ban", "add", "2001:DB8::7").stdout == "2001:db8::7 is banned.\n"
    assert run("ban", "list").stdout.splitlines()[1].split()[:3] == ["2001:db8::7", "administrative", "operator"]
    assert [one["address"] for one in json.loads(run("ban", "list", "--json").stdout)] == ["2001:db8::7", "192.0.2.7"]
    assert run("ban", "remove", "192.0.2.7").stdout == "192.0.2.7 is no longer banned.\n"
    again = run("ban", "remove", "192.0.2.7")
    assert (again.exit_code, again.stderr) == (1, "192.0.2.7 is not banned. 'warehouse ban list' shows what is.\n")
    assert run("ban", "add", "192.0.2.0/24").exit_code == 1


@pytest.mark.parametrize(
    "words", [("appoint", "nobody", "moderator"), ("dismiss", "nobody", "moderator"), ("disable-password", "nobody")]
)
def test_an_unknown_user_is_refused(run, words):
    result = run("user", *words)
    assert (result.exit_code, result.stderr) == (
        1,
        "There is no user 'nobody'. 'warehouse user list' shows all of them.\n",
    )


def test_somebody_is_let_in_again(run, index):
    index.user("ada", verified=True)
    words = ("user", "recovery", "start", "ADA", "--request", "https://example.org/7", "--email", "new@example.com")
    started = run(*words)
    assert started.exit_code == 0, started.stderr
    token = started.stdout.removeprefix("ada was sent a token: ").strip()
    told = json.loads(run("user", "recovery", "show", "ada", "--json").stdout)
    assert (told["token"], told["email"], told["request"]) == (token, "new@example.com", "https://example.org/7")
    assert token in run("user", "recovery", "show", "ada").stdout
    assert run(*words).exit_code == 1
    for typed in ("", "Ada\n", "eve\n"):
        assert run("user", "recovery", "complete", "ada", stdin=typed).exit_code == 1
    assert run("user", "recovery", "complete", "ada", "--confirm", "eve").exit_code == 1
    assert user(index, "ada").password_hash is not None
    assert run("user", "recovery", "complete", "ADA", stdin="ada\n").exit_code == 0
    found = user(index, "ada")
    assert (found.password_hash, found.primary_email.address) == (None, "new@example.com")
    assert run("user", "recovery", "cancel", "ada").stderr == "The account ada is not being recovered.\n"
    run(*words[:-2])
    assert run("user", "recovery", "cancel", "ada").stdout == "The account of ada stays as it is.\n"


def test_somebody_is_deleted_with_their_projects(run, index):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    assert run("user", "delete", "ada", stdin="eve\n").stderr == "That is not ada; nothing was done.\n"
    refused = run("user", "delete", "ada", "--confirm", "ada")
    assert (refused.exit_code, refused.stderr.partition(".")[0]) == (1, "ada is the only owner of demo")
    said = run("user", "delete", "ada", "--with-projects", stdin="ada\n")
    assert (said.exit_code, said.stderr) == (0, "")
    assert said.stdout.startswith("These projects go with ada: demo.\n")
    assert said.stdout.endswith("ada is deleted, with 1 project. Nobody can register the name.\n")
    assert json.loads(run("user", "list", "--json").stdout) == []
