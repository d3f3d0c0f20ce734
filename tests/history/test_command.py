"""`warehouse history` shows it to operators."""

from __future__ import annotations

import json

import pytest

from tests.builders import wheel
from tests.cli.conftest import environ, run
from tests.upload.attempts import run as query
from warehouse.cli import history

__all__ = ["environ", "run"]


@pytest.fixture
def ada(index):
    user = index.user("ada")
    assert index.upload(wheel("demo", "1.0"), by=user).status == 200
    return user


def test_an_account_is_shown_for_people_and_for_programs(run, ada):
    lines = run("history", "account", "ADA").stdout.splitlines()
    assert lines[0].split() == ["TIME", "(UTC)", "WHAT", "WHO", "FROM", "WITH", "DETAILS"]
    tags = ["account:role:add", "account:api_token:added", "account:create"]
    assert [line.split()[2] for line in lines[1:]] == tags
    told = [json.loads(line) for line in run("history", "account", "ada", "--json").stdout.splitlines()]
    assert [one["tag"] for one in told] == tags
    assert set(told[0]) == {"at", "tag", "actor", "address", "device", "details"}


def test_a_project_is_shown(run, ada):
    shown = run("history", "project", "Demo").stdout
    assert "project:create" in shown
    assert "192.0.2.1" in shown


def test_days_limit_it(run, index, ada):
    query(index, "UPDATE audit_events SET at = at - interval '3 days' WHERE tag = 'account:create'")
    assert "account:create" not in run("history", "account", "ada", "--days", "2").stdout
    assert "account:create" in run("history", "account", "ada", "--days", "4").stdout


def test_what_somebody_smuggled_in_moves_no_cursor(run, index, ada):
    query(index, "UPDATE audit_events SET user_agent = E'x\\x1b[2J', details = jsonb_build_object('a', E'\\x1b')")
    shown = run("history", "account", "ada").stdout
    assert "\x1b" not in shown
    assert "x?[2J" in shown


def test_of_a_long_history_the_newest_are_shown(run, ada, monkeypatch):
    monkeypatch.setattr(history, "SCREENFUL", 1)
    result = run("history", "account", "ada")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == "These are the newest 1; --json shows all of them.\n"


@pytest.mark.parametrize("words", [("account", "nobody"), ("project", "nothing")])
def test_what_there_is_not_is_refused(run, words):
    result = run("history", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("There is no ")
