"""People are appointed, shut out and let in again on the command line, and network addresses are banned."""

from __future__ import annotations

import json

import pytest

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
    assert (said.exit_code, said.stdout) == (0, "ada has no password; a mail says how to get one.\n")
    assert user(index, "ada").password_hash is None


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
