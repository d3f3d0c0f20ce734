"""What was written is read, by whichever process; and other commands work beside a running index."""

from __future__ import annotations

import pytest

from tests.builders import wheel

ROUNDS = 200
READERS = 20


@pytest.mark.parametrize("rounds", [40, pytest.param(ROUNDS, marks=pytest.mark.slow)])
def test_an_upload_is_seen_at_once_in_every_worker(index, rounds):
    publisher = index.connect()
    for number in range(rounds):
        dist = wheel("seen", f"1.{number}")
        assert index.upload(dist, connection=publisher).status == 200
        for reader in range(READERS):
            page = index.get("/simple/seen/")
            assert dist.filename.encode() in page.body, f"round {number}, reader {reader}"
    publisher.close()


def test_another_command_uses_the_database_that_runs_and_leaves_it_running(index):
    before = index.role("postmaster")
    assert len(before) == 1
    index.token("grace")
    assert "grace" in index.run("user", "list").stdout
    assert index.role("postmaster") == before
    assert index.is_whole
