"""The methods: what mirrors are told, and what those that are retired say."""

from __future__ import annotations

import time
import xmlrpc.client

import pytest
from sqlalchemy import text

from tests.builders import wheel
from tests.xmlrpc.conftest import Caller
from warehouse.api.xmlrpc import methods
from warehouse.domain import journal
from warehouse.domain.journal import Change
from warehouse.domain.site import MirroredProject
from warehouse.sources import mirrors

PYTHON_3 = "Programming Language :: Python :: 3"
MIT = "License :: OSI Approved :: MIT License"
BETA = "Development Status :: 4 - Beta"


def tell(index, *actions: str, project: str = "Demo", version: str | None = None) -> None:
    """Entries, without anything that they are about."""
    with index.work() as work:
        for action in actions:
            journal.add(
                work.db,
                Change.PROJECT_CHANGED,
                action,
                project=project,
                normalized_name=project.lower(),
                version=version,
            )


def test_an_index_without_history_has_no_last_serial(call):
    assert call("changelog_last_serial") is None
    assert call("changelog_since_serial", 0) == []
    assert call("list_packages_with_serial") == {}


def test_the_changelog_tells_what_happened_after_a_serial(index, call):
    ada = index.user("ada")
    began = int(time.time())
    index.upload(wheel("Some.Project", "1.0"), by=ada)
    entries = call("changelog_since_serial", 0)
    assert [(name, version, action) for name, version, _, action, _ in entries] == [
        ("Some.Project", None, "create"),
        ("Some.Project", None, "add Owner ada"),
        ("Some.Project", "1.0", "new release"),
        ("Some.Project", "1.0", "add py3 file some_project-1.0-py3-none-any.whl"),
    ]
    assert [serial for *_, serial in entries] == [1, 2, 3, 4]
    assert all(type(at) is int and began <= at <= time.time() for _, _, at, _, _ in entries)
    assert call("changelog_since_serial", 2) == entries[2:]
    assert call("changelog_last_serial") == 4


@pytest.mark.parametrize("serial", [1, 2, 2**31, 2**63 - 1, 2**63, 10**39])
def test_nothing_is_after_the_newest_serial_however_large_the_number(index, call, serial):
    tell(index, "create")
    body = f"<methodCall><methodName>changelog_since_serial</methodName><params><param><value><int>{serial}</int>"
    got = call.post(f"{body}</value></param></params></methodCall>".encode())
    assert got.status == 200
    assert b"<data></data>" in got.body


@pytest.mark.parametrize("serial", [0, -1, -(2**31)])
def test_everything_is_after_a_serial_that_never_was(index, call, serial):
    tell(index, "create", "new release")
    assert len(call("changelog_since_serial", serial)) == 2


def test_the_changelog_is_cut_off_after_so_many_entries_and_goes_on_from_there(index, call, monkeypatch):
    monkeypatch.setattr(methods, "MOST_ENTRIES", 25)
    monkeypatch.setattr(methods, "ENTRIES_AT_ONCE", 10)
    tell(index, *(f"action {number}" for number in range(60)))
    first, second, third = (call("changelog_since_serial", since) for since in (0, 25, 50))
    assert [action for _, _, _, action, _ in first + second + third] == [f"action {number}" for number in range(60)]
    assert [len(first), len(second), len(third)] == [25, 25, 10]


def test_at_most_fifty_thousand_entries_are_told_at_once(index, call):
    with index.work() as work:
        work.db.execute(text(MANY_ENTRIES))
    entries = call("changelog_since_serial", 7)
    assert [serial for *_, serial in entries] == list(range(8, 50_008))
    assert call("changelog_since_serial", 7, HTTP_ACCEPT_ENCODING="gzip") == entries


MANY_ENTRIES = """
    INSERT INTO journal (project, normalized_name, version, change, action)
    SELECT 'demo', 'demo', '1.0', 'project changed', 'change ' || n FROM generate_series(1, 50100) AS n
"""


def test_actions_are_cleaned_of_what_xml_cannot_hold(index, call):
    tell(index, "add <py3> & \N{CAT FACE} é \x01\x1f\ufffe file\ttab")
    (entry,) = call("changelog_since_serial", 0)
    assert entry[3] == "add <py3> & \N{CAT FACE} é  file\ttab"


def test_the_list_names_every_project_as_it_is_displayed_also_those_in_quarantine(index, call):
    ada = index.user("ada")
    index.upload(wheel("Some.Project", "1.0"), by=ada)
    index.upload(wheel("zebra", "1.0"), by=ada)
    index.upload(wheel("aardvark", "1.0"), by=ada)
    index.change_project("zebra", status="quarantined")
    listed = call("list_packages_with_serial")
    assert listed == {"aardvark": 12, "Some.Project": 4, "zebra": 8}
    assert list(listed) == ["aardvark", "Some.Project", "zebra"]
    assert call("list_packages_with_serial", HTTP_ACCEPT_ENCODING="gzip") == listed


def test_the_list_is_true_at_once(index, call):
    ada = index.user("ada")
    for version in ("1.0", "2.0", "3.0"):
        index.upload(wheel("demo", version), by=ada)
        assert call("list_packages_with_serial") == {"demo": call("changelog_last_serial")}
    with index.work() as work:
        journal.add(work.db, Change.PROJECT_REMOVED, "remove project", project="demo", normalized_name="demo")
        work.db.execute(text("DELETE FROM projects"))
    assert call("list_packages_with_serial") == {}


def test_the_list_has_a_project_that_a_mirror_got_after_its_entry(index, call):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    assert call("list_packages_with_serial") == {"demo": 4}
    with index.work() as work:
        work.db.execute(text("UPDATE projects SET name = 'Demo'"))
        work.db.add(MirroredProject(normalized_name="demo", display="Demo", retold_serial=4))
    assert call("list_packages_with_serial") == {"Demo": 4}
    assert call("changelog_last_serial") == 4


def test_the_list_is_read_again_when_the_journal_is_another_one(index, call):
    ada = index.user("ada")
    index.upload(wheel("demo", "1.0"), by=ada)
    assert call("list_packages_with_serial") == {"demo": 4}
    with index.work() as work:  # as when an older backup is restored
        work.db.execute(text("DELETE FROM journal WHERE serial > 2"))
        work.db.execute(text("UPDATE project_serials SET serial = 2"))
    assert call("list_packages_with_serial") == {"demo": 2}


def test_roles_come_owners_first_and_by_name(index, call):
    ada, bob, eve = (index.user(name) for name in ("ada", "Bob", "eve"))
    index.upload(wheel("Some.Project", "1.0"), by=bob)
    add_role(index, "some-project", ada, "Owner")
    add_role(index, "some-project", eve, "Maintainer")
    assert call("package_roles", "some_PROJECT") == [["Owner", "Bob"], ["Owner", "ada"], ["Maintainer", "eve"]]
    assert call("package_roles", "nobody-has-this") == call("package_roles", "") == []


def test_the_projects_of_a_user_come_by_role_and_name(index, call):
    ada, bob = index.user("Ada"), index.user("bob")
    for name in ("Zebra", "aardvark"):
        index.upload(wheel(name, "1.0"), by=ada)
    index.upload(wheel("middle", "1.0"), by=bob)
    add_role(index, "middle", ada, "Maintainer")
    expected = [["Owner", "Zebra"], ["Owner", "aardvark"], ["Maintainer", "middle"]]
    assert call("user_packages", "ada") == call("user_packages", "ADA") == expected
    assert call("user_packages", "nobody") == call("user_packages", "") == []


def add_role(index, project: str, user, role: str) -> None:
    """A role, outright."""
    with index.work() as work:
        work.db.execute(
            text(
                "INSERT INTO roles (project_id, user_id, role_name)"
                " SELECT id, :user, :role FROM projects WHERE normalized_name = :project"
            ),
            {"project": project, "user": user.id, "role": role},
        )


def test_releases_are_found_by_all_of_their_classifiers(index, call):
    ada = index.user("ada")
    index.upload(wheel("Zebra", "1.0", classifiers=[PYTHON_3, MIT]), by=ada)
    index.upload(wheel("demo", "1.0", classifiers=[PYTHON_3]), by=ada)
    index.upload(wheel("demo", "10.0", classifiers=[PYTHON_3, MIT]), by=ada)
    index.upload(wheel("demo", "9.0", classifiers=[MIT, PYTHON_3, BETA]), by=ada)
    index.upload(wheel("demo", "11.0"), by=ada)
    assert call("browse", [PYTHON_3, MIT]) == [["Zebra", "1.0"], ["demo", "10.0"], ["demo", "9.0"]]
    assert call("browse", [BETA]) == call("browse", [BETA, BETA]) == [["demo", "9.0"]]
    assert call("browse", []) == call("browse", ["Nothing :: Like :: This", MIT]) == []


def test_what_is_in_quarantine_is_not_found_by_its_classifiers(index, call):
    ada = index.user("ada")
    for name in ("demo", "kept"):
        index.upload(wheel(name, "1.0", classifiers=[MIT]), by=ada)
        index.upload(wheel(name, "2.0", classifiers=[MIT]), by=ada)
    index.change_project("demo", status="quarantined")
    with index.work() as work:
        work.db.execute(text("UPDATE releases SET is_quarantined = true WHERE version = '2.0'"))
    assert call("browse", [MIT]) == [["kept", "1.0"]]


def test_a_search_that_takes_too_long_is_given_up(index, call, monkeypatch):
    monkeypatch.setattr(mirrors, "_CLASSIFIED", "SELECT pg_sleep(60), %(classifiers)s::text[], %(limit)s::int")
    monkeypatch.setattr(mirrors, "LONGEST_SEARCH", 0.1)
    code, said = call.fault("browse", [MIT])
    assert (code, said.split(".")[0]) == (
        -32500,
        "RuntimeError: Finding the releases with these classifiers takes too long",
    )
    monkeypatch.undo()
    assert call("browse", [MIT]) == []


def test_only_so_many_search_at_once(tools, monkeypatch):
    monkeypatch.setattr(methods, "SEARCHES_AT_ONCE", 0)
    body = xmlrpc.client.dumps(([MIT],), "browse").encode()
    got = Caller(tools).post(body)
    assert (got.status, got.body) == (503, b"Others are searching by classifiers. Try again in a moment.\n")
    assert got.headers["retry-after"]


def test_releases_with_rare_classifiers_are_found_by_an_index(tools):
    with tools.database.connection() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        values = {"classifiers": [MIT, BETA], "limit": 10}
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {mirrors._CLASSIFIED}", values))
    assert "Bitmap Index Scan on ix_releases_classifiers" in plan


def test_who_asks_for_too_many_releases_is_told_to_name_more_classifiers(index, call, monkeypatch):
    monkeypatch.setattr(methods, "MOST_CLASSIFIED", 1)
    ada = index.user("ada")
    index.upload(wheel("demo", "1.0", classifiers=[MIT]), by=ada)
    assert call("browse", [MIT]) == [["demo", "1.0"]]
    index.upload(wheel("demo", "2.0", classifiers=[MIT, BETA]), by=ada)
    code, said = call.fault("browse", [MIT])
    assert (code, said) == (-32500, "RuntimeError: More than 1 releases have these classifiers. Name more of them.")
    assert call("browse", [MIT, BETA]) == [["demo", "2.0"]]


SAYS = [
    ("system.multicall", (), -32602, "client error; args: it is missing, send anything"),
    ("system.multicall", ([{"methodName": "browse", "params": []}],), -32500, "ValueError: Several calls in one"),
    ("changelog", (0,), -32500, "ValueError: Changes are not found by time any more."),
    ("changelog", (0, True), -32500, "ValueError: "),
    ("changelog", (0, 1), -32602, "client error; with_ids: send a boolean"),
    ("package_data", ("demo", "1.0"), -32500, "RuntimeError: Read the JSON API instead"),
    ("package_data", ("demo",), -32602, "client error; version: it is missing, send a string"),
    ("package_urls", ("demo", "1.0"), -32500, "RuntimeError: Read the JSON API instead"),
    ("package_urls", (1, 2), -32602, "client error; package_name: send a string; version: send a string"),
    ("top_packages", (), -32500, "RuntimeError: Downloads are not counted here."),
    ("top_packages", (None,), -32500, "RuntimeError: "),
    ("top_packages", (10,), -32500, "RuntimeError: "),
    ("top_packages", ("10",), -32602, "client error; num: send an int or nil"),
    ("search", ({"name": "demo"},), -32500, "RuntimeError: Nothing is searched for by XML-RPC any more."),
    ("search", ({"name": ["demo", "other"]}, "or"), -32500, "RuntimeError: "),
    ("search", ("demo",), -32602, "client error; spec: send a struct of strings and arrays of strings"),
    ("list_packages", (), -32500, "RuntimeError: Read the list of all projects"),
    ("list_packages", (1,), -32602, "client error; 0: leave it out, the method takes 0"),
    ("package_releases", ("demo",), -32500, "RuntimeError: Read the project's page in the simple API"),
    ("package_releases", ("demo", True), -32500, "RuntimeError: "),
    ("release_urls", ("demo", "1.0"), -32500, "RuntimeError: Read the JSON API instead"),
    ("release_data", ("demo", "1.0"), -32500, "RuntimeError: Read the JSON API instead"),
    ("release_downloads", ("demo", "1.0"), -32601, "server error; requested method not found"),
    ("package_hosting_mode", ("demo",), -32601, "server error; requested method not found"),
    ("system.listMethods", (), -32601, "server error; requested method not found"),
    (
        "changelog_last_serial",
        (1, 2),
        -32602,
        "client error; 0: leave it out, the method takes 0; 1: leave it out, the method takes 0",
    ),
    ("changelog_since_serial", (), -32602, "client error; serial: it is missing, send an int"),
    ("changelog_since_serial", ("1",), -32602, "client error; serial: send an int"),
    ("changelog_since_serial", (True,), -32602, "client error; serial: send an int"),
    ("changelog_since_serial", (1.0,), -32602, "client error; serial: send an int"),
    ("changelog_since_serial", (None,), -32602, "client error; serial: send an int"),
    ("changelog_since_serial", ([1],), -32602, "client error; serial: send an int"),
    (
        "changelog_since_serial",
        ("1", 2),
        -32602,
        "client error; serial: send an int; 1: leave it out, the method takes 1",
    ),
    ("package_roles", (b"demo",), -32602, "client error; package_name: send a string"),
    ("package_roles", ({"a": 1},), -32602, "client error; package_name: send a string"),
    ("user_packages", (None,), -32602, "client error; username: send a string"),
    ("browse", (MIT,), -32602, "client error; classifiers: send an array of strings"),
    ("browse", ([MIT, 1],), -32602, "client error; classifiers: send an array of strings"),
]


@pytest.mark.parametrize(("method", "arguments", "code", "told"), SAYS)
def test_what_cannot_be_answered_is_told_as_a_fault(call, method, arguments, code, told):
    found, said = call.fault(method, *arguments)
    assert (found, said[: len(told)]) == (code, told)
    assert found == -32500 or said == told


def test_a_time_is_no_string(call):
    value = "<dateTime.iso8601>20260101T00:00:00</dateTime.iso8601>"
    body = f"<methodCall><methodName>user_packages</methodName><params><param><value>{value}</value></param></params>"
    assert b"username: send a string" in call.post(f"{body}</methodCall>".encode()).body
