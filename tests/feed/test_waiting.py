"""Followers that wait for the change feed of a running index."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.builders import Dist, wheel
from tests.served import Served, eventually, served

PATH = "/api/journal/"
DOCUMENT = Path(__file__).parents[2] / "docs/change-feed.md"


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("feed")) as running:
        running.publish(wheel("first", "1.0"))
        yield running


def last(index: Served) -> int:
    return int(index.get(PATH).json()["last"])


def read(connection: http.client.HTTPConnection) -> dict:
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return dict(json.loads(answer.read()))


def test_followers_on_every_worker_hear_of_an_upload(index):
    since = last(index)
    with ExitStack() as followers:
        waiting = [followers.enter_context(closing(index.connect())) for _ in range(16)]
        for connection in waiting:
            connection.request("GET", f"{PATH}?since={since}&wait=60")
        index.publish(wheel("heard", "1.0"))
        for connection in waiting:
            said = read(connection)
            assert [entry["action"] for entry in said["entries"]][-1] == "add py3 file heard-1.0-py3-none-any.whl"
            assert said["next"] == said["last"] > since


def test_a_wait_ends_with_an_empty_answer(index):
    since = last(index)
    said = index.get(f"{PATH}?since={since}&wait=1").json()
    assert (said["entries"], said["next"], said["more"]) == ([], since, False)


def test_the_example_of_the_documentation_follows(index, tmp_path):
    """Every line that it prints is an entry; it is stopped and begun again, and misses none and repeats none."""
    example = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert example is not None
    program, printed, place = tmp_path / "follow.py", tmp_path / "printed", tmp_path / "serial.txt"
    program.write_text(example[1])

    def run_until_all_is_read(*, publish: Dist | None = None) -> None:
        command = [sys.executable, "-u", str(program), index.url]
        with printed.open("a") as out, subprocess.Popen(command, stdout=out, cwd=tmp_path) as process:
            try:
                eventually(lambda: place.exists() and place.read_text() == str(last(index)))
                if publish is not None:
                    index.publish(publish)
                    eventually(lambda: place.read_text() == str(last(index)))
            finally:
                process.kill()

    run_until_all_is_read(publish=wheel("example", "1.0"))
    index.publish(wheel("example", "1.1"))
    run_until_all_is_read()
    lines = [line.split() for line in printed.read_text().splitlines()]
    assert [int(line[0]) for line in lines] == list(range(1, last(index) + 1))
    assert lines[-1][1:3] == ["example", "1.1"]
