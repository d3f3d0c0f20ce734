"""What was written is read, by whichever process; and other commands work beside a running index."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.builders import wheel
from tests.served import Served

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


def test_a_second_serve_at_the_same_address_is_refused_and_disturbs_nobody(index):
    before = {process.pid for process in index.processes() if process.role != "backend"}
    index.publish(wheel("alone"))
    second = index.run("serve", "--listen", urlsplit(index.url).netloc, ok=False)
    assert second.returncode == 1
    assert "The web server cannot listen" in second.stderr
    assert "Choose another address with --listen." in second.stderr
    assert before <= {process.pid for process in index.processes()}
    assert len(index.files("alone")) == 1


def test_two_indexes_never_share_an_address(index, tmp_path):
    """Workers of one index share its port, and the kernel would give every second request to the other one."""
    other = Served(tmp_path / "other", {"WAREHOUSE_LISTEN": urlsplit(index.url).netloc})
    try:
        assert "The web server cannot listen" in other.run("serve", ok=False).stderr
        assert other.processes() == []
    finally:
        other.kill()
