"""Projects, releases, files and switches on the command line, and every refusal is one sentence."""

from __future__ import annotations

import json

import pytest

from tests.builders import sdist, wheel


@pytest.fixture
def demo(index):
    """An index with two releases of a project of ada's."""
    index.ada = index.user("ada")
    for dist in (wheel("Demo", "1.0"), wheel("Demo", "2.0"), sdist("Demo", "2.0")):
        assert index.upload(dist, by=index.ada).status == 200
    return index


@pytest.mark.parametrize(
    ("verb", "status", "sentence"),
    [
        ("archive", "archived", "Demo is archived and takes no new files.\n"),
        ("deprecate", "deprecated", "Demo is deprecated.\n"),
        (
            "quarantine",
            "quarantined",
            "Demo is in quarantine: nothing of it is offered, and everybody with a role in it is frozen.\n",
        ),
        ("activate", "active", "Demo is active.\n"),
    ],
)
def test_a_project_gets_each_status_with_and_without_a_reason(run, demo, verb, status, sentence):
    said = run("project", verb, "DEMO", "--reason", "it is so")
    assert (said.exit_code, said.stdout, said.stderr) == (0, sentence, "")
    assert demo.simple("demo")["project-status"] == {"status": status, "reason": "it is so"}
    assert run("project", verb, "demo").stdout == sentence
    assert demo.simple("demo")["project-status"]["reason"] == "it is so"
    assert run("project", verb, "demo", "--reason", "").stdout == sentence
    assert demo.simple("demo")["project-status"] == {"status": status}


def test_a_project_is_shown_for_people_and_for_scripts(run, demo):
    run("project", "deprecate", "demo", "--reason", "use demo2")
    run("release", "yank", "demo", "1.0")
    run("release", "quarantine", "demo", "2.0")
    lines = dict(line.split(maxsplit=1) for line in run("project", "show", "demo").stdout.splitlines())
    assert lines["name"] == "Demo"
    assert lines["status"] == "deprecated: use demo2"
    assert (lines["owners"], lines["yanked"], lines["quarantined"]) == ("ada", "1.0", "2.0")
    assert "maintainers" not in lines
    shown = json.loads(run("project", "show", "demo", "--json").stdout)
    assert (shown["releases"], shown["files"], shown["owners"]) == (2, 3, ["ada"])
    assert shown["size"] == sum(len(dist.content) for dist in (wheel("Demo", "1.0"), wheel("Demo", "2.0"))) + len(
        sdist("Demo", "2.0").content
    )


def test_a_release_is_yanked_and_quarantined_and_back(run, demo):
    said = [
        run("release", "yank", "demo", "1.0.0", "--reason", "broken").stdout,
        run("release", "quarantine", "demo", "2", "--reason", "malware").stdout,
    ]
    assert [(file["filename"], file["yanked"]) for file in demo.simple("demo")["files"]] == [
        (wheel("Demo", "1.0").filename, "broken")
    ]
    said += [run("release", "unyank", "demo", "1.0").stdout, run("release", "unquarantine", "demo", "2.0").stdout]
    assert said == [
        "Demo 1.0 is yanked.\n",
        "Demo 2.0 is in quarantine: nothing of it is offered.\n",
        "Demo 1.0 is not yanked.\n",
        "Demo 2.0 is not in quarantine.\n",
    ]
    assert [file["yanked"] for file in demo.simple("demo")["files"]] == [False] * 3


@pytest.mark.parametrize("what", [("project", "demo"), ("release", "demo", "2.0"), ("file", "demo", "x.whl")])
def test_where_nobody_can_be_asked_nothing_is_removed_and_the_option_is_named(run, demo, what):
    kind, *names = what
    said = run(kind, "remove", *names, stdin="")
    assert (said.exit_code, said.stderr.splitlines()[-1]) == (
        1,
        "Nobody answered. Say --yes where nobody can be asked.",
    )
    assert len(demo.filenames("demo")) == 3


def test_files_releases_and_projects_are_removed_once_somebody_said_yes(run, demo):
    name = sdist("Demo", "2.0").filename
    asked = run("file", "remove", "demo", name, stdin="n\n")
    assert (asked.exit_code, asked.stdout) == (1, f"Remove {name}? [y/N]: n\n")
    assert len(demo.filenames("demo")) == 3
    assert run("file", "remove", "demo", name, "--yes").stdout == f"{name} is removed. Its name stays used.\n"
    assert len(demo.filenames("demo")) == 2
    said = run("release", "remove", "demo", "2.0", stdin="y\n").stdout
    assert said.endswith("Demo 2.0 is removed. The names of its files stay used.\n")
    assert demo.filenames("demo") == [wheel("Demo", "1.0").filename]
    said = run("project", "remove", "demo", "--yes").stdout
    assert said == "Demo is removed. The names of its files stay used.\n"
    assert demo.get("/simple/demo/").status == 404


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("project", "archive", "nothing"), "There is no project 'nothing'."),
        (("project", "show", "nothing"), "There is no project 'nothing'."),
        (("project", "remove", "nothing"), "There is no project 'nothing'."),
        (("release", "yank", "demo", "9"), "Demo has no release 9."),
        (("release", "remove", "demo", "9"), "Demo has no release 9."),
        (("release", "quarantine", "demo", "no version"), "Demo has no release no version."),
        (("file", "remove", "demo", "x.whl", "--yes"), "Demo has no file 'x.whl'."),
        (
            ("project", "archive", "demo", "--reason", "two\nlines"),
            "A reason is one line of text: leave out line breaks and control characters.",
        ),
        (
            ("release", "yank", "demo", "1.0", "--reason", "x" * 501),
            "A reason has at most 500 characters, and this one 501.",
        ),
        (
            ("flag", "set", "read_only"),
            "There is no flag 'read_only'. There are: read-only, disallow-new-upload, "
            "disallow-new-project-registration, disallow-new-user-registration, disable-upload-scanning.",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(run, demo, words, sentence):
    before = demo.journal()
    result = run(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{sentence}\n")
    assert demo.journal() == before


def test_a_switch_closes_the_index_until_it_is_cleared(run, demo):
    assert run("flag", "set", "read-only").stdout == "read-only is on.\n"
    answer = demo.upload(wheel("demo", "3.0"), by=demo.ada)
    assert (answer.status, answer.reason) == (403, "Read-only mode: Uploads are temporarily disabled.")
    assert run("flag", "list").stdout.splitlines()[1].split()[:2] == ["read-only", "on"]
    listed = json.loads(run("flag", "list", "--json").stdout)
    assert listed.pop("read-only") is True
    assert set(listed.values()) == {False}
    assert run("flag", "clear", "read-only").stdout == "read-only is off.\n"
    assert demo.upload(wheel("demo", "3.0"), by=demo.ada).status == 200


def test_who_threw_a_switch_is_in_the_audit_trail_once(run, demo):
    for _ in range(2):
        run("flag", "set", "disallow-new-project-registration")
    rows = demo.tools.database.rows("SELECT subject, actor, details FROM audit_events WHERE tag = 'site:flag'", {})
    assert rows == [("site", "operator", {"flag": "disallow-new-project-registration", "on": True})]
    refused = demo.upload(wheel("other", "1.0"), by=demo.ada)
    assert refused.status == 403
    assert demo.upload(wheel("demo", "3.0"), by=demo.ada).status == 200
