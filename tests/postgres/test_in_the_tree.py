"""The database and the process tree together: the parent watches both, and both end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import sys, time
from pathlib import Path
import psycopg
from warehouse.infra.postgres import EmbeddedPostgres
from warehouse.server.tree import Child, Tree

server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start(lease=False)

def work():
    while True:
        try:
            with psycopg.connect(server.url, autocommit=True) as db:
                print(db.execute("SELECT 'served'").fetchone()[0], server.pid, flush=True)
        except psycopg.OperationalError:
            pass
        time.sleep(0.05)

tree = Tree([Child("work", work)], grace=2)
tree.every(0.1, server.ensure_running)
status = tree.run()
server.stop()
sys.exit(status)
"""


@pytest.fixture
def serving(data):
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, data], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def test_a_killed_server_comes_back_at_the_same_address_for_running_children(serving):
    _, first = serving.stdout.readline().split()
    os.kill(int(first), signal.SIGKILL)
    for line in serving.stdout:
        if line.split()[1] not in (first, "None"):
            break
    assert line.startswith("served")


def test_all_end_when_the_parent_is_asked_to(serving, data, workers):
    assert serving.stdout.readline()
    serving.terminate()
    assert serving.wait(10) == 0
    assert workers(data) == []


def test_all_end_when_the_parent_is_killed(serving, data, workers):
    assert serving.stdout.readline()
    serving.kill()
    began = time.monotonic()
    serving.stdout.read()  # its end is the end of the last process that could write
    while workers(data):
        time.sleep(0.01)
        assert time.monotonic() - began < 20
    assert time.monotonic() - began < 20
