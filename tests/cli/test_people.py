"""Roles are given and taken on the command line, and every refusal is one sentence."""

from __future__ import annotations

import json

import pytest

from tests.builders import sdist, wheel
from warehouse.operations.projects import find_project
from warehouse.operations.roles import collaborators


@pytest.fixture
def demo(index):
    """An index with a project of ada's, and bob."""
    index.upload(wheel("Demo", "1.0"), by=index.user("ada"))
    index.user("bob")
    return index


def people(index, name="demo"):
    with index.work() as work:
        return collaborators(work.db, find_project(work, name))


def test_a_role_is_given_changed_and_taken(run, demo):
    said = run("role", "add", "demo", "BOB", "--maintainer")
    assert (said.exit_code, said.stdout, said.stderr) == (0, "bob is a maintainer of Demo.\n", "")
    assert people(demo) == [("ada", "Owner"), ("bob", "Maintainer")]
    assert run("role", "add", "demo", "bob").stdout == "bob is an owner of Demo.\n"
    assert people(demo) == [("ada", "Owner"), ("bob", "Owner")]
    assert run("role", "remove", "demo", "ada").stdout == "ada has no role in Demo any more.\n"
    assert people(demo) == [("bob", "Owner")]


def test_people_are_listed_for_people_and_for_scripts(run, demo):
    run("role", "add", "demo", "bob", "--maintainer")
    lines = run("role", "list", "demo").stdout.splitlines()
    assert [line.split() for line in lines] == [["NAME", "ROLE"], ["ada", "Owner"], ["bob", "Maintainer"]]
    assert json.loads(run("role", "list", "demo", "--json").stdout) == [
        {"username": "ada", "role": "Owner"},
        {"username": "bob", "role": "Maintainer"},
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "nothing", "bob"), "There is no project 'nothing'."),
        (("remove", "nothing", "bob"), "There is no project 'nothing'."),
        (("list", "nothing"), "There is no project 'nothing'."),
        (("add", "demo", "nobody"), "There is no user 'nobody'. 'warehouse user list' shows all of them."),
        (("remove", "demo", "nobody"), "There is no user 'nobody'. 'warehouse user list' shows all of them."),
        (("remove", "demo", "bob"), "bob has no role in Demo. 'warehouse role list Demo' shows who has one."),
        (("remove", "demo", "ada"), "ada is the last owner of Demo; give somebody else the role first."),
        (
            ("add", "demo", "ada", "--maintainer"),
            "ada is the last owner of Demo; give somebody else the role first.",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(run, demo, words, sentence):
    result = run("role", *words)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{sentence}\n")
    assert people(demo) == [("ada", "Owner")]


def test_a_later_import_gives_projects_that_are_there_without_an_owner_one(run, demo, tmp_path):
    for dist in (wheel("Demo", "1.0"), wheel("free-1", "1.0", filename="free_1-1.0-py3-none-any.whl")):
        (tmp_path / dist.filename).write_bytes(dist.content)
    assert run("import", tmp_path).stdout == "1 imported, 1 already there, 0 refused.\n"
    assert people(demo, "free-1") == []
    fresh = sdist("fresh", "1")
    (tmp_path / fresh.filename).write_bytes(fresh.content)
    said = run("import", tmp_path, "--owner", "bob").stdout
    assert said == "1 imported, 2 already there, 0 refused.\nbob is now the owner of free-1, fresh.\n"
    assert people(demo, "free-1") == people(demo, "fresh") == [("bob", "Owner")]
    assert people(demo) == [("ada", "Owner")]
    again = json.loads(run("import", tmp_path, "--owner", "ada", "--json").stdout)
    assert again == {"imported": 0, "already_there": 3, "given_to_owner": [], "refused": []}
