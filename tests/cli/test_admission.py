"""Inviting and prohibiting from the command line."""

from __future__ import annotations

import json

import pytest


def test_somebody_is_invited_listed_and_no_longer_invited(run):
    first, link = run("user", "invite", "ada@example.com").stdout.splitlines()
    assert first.startswith("ada@example.com is invited until 20")
    assert link.startswith("http://127.0.0.1:8080/account/invitation/?token=")
    assert "ada@example.com  operator    20" in run("user", "invited").stdout
    [listed] = json.loads(run("user", "invited", "--json").stdout)
    assert (listed["email"], listed["invited_by"]) == ("ada@example.com", "operator")
    assert run("user", "uninvite", "ADA@example.com").stdout == "ADA@example.com is no longer invited.\n"
    assert json.loads(run("user", "invited", "--json").stdout) == []


def test_a_username_is_prohibited_listed_and_permitted_again(run):
    assert run("prohibit", "username", "add", "Admin", "--comment", "ours").stdout.startswith("Nobody can register")
    assert "admin  operator  20" in run("prohibit", "username", "list").stdout
    [listed] = json.loads(run("prohibit", "username", "list", "--json").stdout)
    assert (listed["username"], listed["comment"]) == ("admin", "ours")
    assert run("prohibit", "username", "remove", "admin").stdout == "admin can be registered again.\n"


def test_a_domain_is_prohibited_listed_and_permitted_again(run):
    words = ("prohibit", "domain", "add")
    assert run(*words, "mail.spam.example").stdout == "Addresses of spam.example are not taken any more.\n"
    hosts = run(*words, "mx.bad.example", "--mail-hosts").stdout
    assert hosts == "Addresses with mail hosts of mx.bad.example are not taken any more.\n"
    listed = json.loads(run("prohibit", "domain", "list", "--json").stdout)
    assert [(row["domain"], row["mail_hosts"]) for row in listed] == [("mx.bad.example", True), ("spam.example", False)]
    assert "spam.example    addresses   operator  20" in run("prohibit", "domain", "list").stdout
    assert run("prohibit", "domain", "remove", "spam.example").stdout == "Addresses of spam.example are taken again.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("user", "invite", "nowhere"), "'nowhere' is not an e-mail address"),
        (("user", "uninvite", "ada@example.com"), "There is no open invitation of 'ada@example.com'."),
        (("prohibit", "username", "remove", "admin"), "The username 'admin' is not prohibited."),
        (("prohibit", "domain", "add", "a b"), "'a b' is not a domain. Write one such as example.org."),
        (("prohibit", "domain", "remove", "example.org"), "The domain example.org is not prohibited."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, words, sentence):
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(sentence)
