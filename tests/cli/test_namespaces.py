"""Namespaces on the command line, and every refusal is one sentence."""

from __future__ import annotations

import json

import pytest

from tests.builders import wheel

ON = {"WAREHOUSE_NAMESPACES__ENABLED": "true"}


@pytest.fixture
def people(index):
    """An index with two accounts and a project of ada's."""
    index.user("bob")
    assert index.upload(wheel("acme-auth", "1.0"), by=index.user("ada")).status == 200
    return index


def test_a_namespace_is_granted_shown_listed_and_revoked(run, people):
    said = run("namespace", "grant", "ACME", "Ada", **ON)
    assert (said.exit_code, said.stdout, said.stderr) == (0, "acme and acme-… are ada's.\n", "")
    run("namespace", "grant", "acme-labs", "ada", **ON)
    shown = dict(line.split(maxsplit=1) for line in run("namespace", "show", "Acme", **ON).stdout.splitlines())
    since = shown.pop("since")
    assert shown == {"name": "acme", "owner": "ada", "namespaces": "acme-labs", "projects": "1"}
    lines = run("namespace", "list", **ON).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["NAME", "OWNER"], ["acme", "ada"], ["acme-labs", "ada"]]
    assert since in lines[1]
    listed = json.loads(run("namespace", "list", "--json", **ON).stdout)
    assert [(one["name"], one["owner"]) for one in listed] == [("acme", "ada"), ("acme-labs", "ada")]
    assert run("namespace", "revoke", "acme", **ON).stdout == "acme is no namespace any more.\n"
    assert [one["name"] for one in json.loads(run("namespace", "list", "--json", **ON).stdout)] == ["acme-labs"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grant", "acme", "nobody"), "There is no user 'nobody'. 'warehouse user list' shows all of them."),
        (
            ("grant", "zap-kit", "bob"),
            "'zap-kit' is in the namespace 'zap', which belongs to ada: only they can be granted more of it.",
        ),
        (("revoke", "acme"), "There is no namespace 'acme'. 'warehouse namespace list' shows all of them."),
        (("show", "no name"), "There is no namespace 'no name'. 'warehouse namespace list' shows all of them."),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(run, people, words, sentence):
    run("namespace", "grant", "zap", "ada", **ON)
    before = people.journal()
    result = run("namespace", *words, **ON)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{sentence}\n")
    assert people.journal() == before


def test_without_the_setting_none_is_granted_and_old_ones_can_be_revoked(run, people):
    run("namespace", "grant", "zap", "ada", **ON)
    refused = run("namespace", "grant", "acme", "ada")
    assert refused.stderr == "This index has no namespaces. Set namespaces.enabled, restart the index and try again.\n"
    assert run("namespace", "revoke", "zap").exit_code == 0
