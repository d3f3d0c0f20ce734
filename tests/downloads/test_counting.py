"""Downloads are counted while files are served: which ones, by whom, and what becomes of them in bad times."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.downloads.conftest import Downloads
from tests.standards.test_fetchers import CHROME, PIP
from warehouse.application.numbers import Numbers
from warehouse.application.serving import Site
from warehouse.infra.db import Database
from warehouse.operations.downloads import Counting, Notes
from warehouse.server.limits import Stats
from warehouse.server.worker import serving
from warehouse.standards.http import Ask

FILE = f"/packages/00/00/{'0' * 60}/demo-1.0.tar.gz"


def noted(notes: Notes, path: str, number: int = 1, *, status: int = 200, method: str = "GET", **headers: str) -> None:
    for _ in range(number):
        notes.note(Ask(method, path, "", {"user-agent": PIP, **headers}), status)


def taken(notes: Notes) -> dict[str, int]:
    """How often each user agent downloaded the one file that there is."""
    return {agent: number for _ in range(2) for agents in notes.take().values() for agent, number in agents}


@contextmanager
def asking(downloads: Downloads, notes: Notes) -> Iterator[http.client.HTTPConnection]:
    """A connection to a real server of this index, which notes what it answers."""
    index = downloads.index
    site = Site(index.tools, index.cache, index.follower)
    with serving(site, on_done=Numbers(index.tools, Stats(), notes).count, tell_hits=True) as running:
        connection = http.client.HTTPConnection(*running.address)
        yield connection
        connection.close()


def test_what_is_downloaded_is_counted_by_version_and_client(downloads):
    counting = Counting(downloads.index.tools)
    with asking(downloads, counting.notes) as connection:

        def ask(method: str, path: str, **headers: str) -> int:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            answer.read()
            return answer.status

        assert [ask("GET", downloads.path, User_Agent=PIP) for _ in range(3)] == [200, 200, 200]
        assert ask("GET", downloads.newer, User_Agent=CHROME) == 200
        assert ask("GET", downloads.newer, User_Agent=PIP, Range="bytes=0-9") == 206
        # None of these is a download:
        assert ask("GET", downloads.newer, User_Agent=PIP, Range="bytes=10-") == 206
        assert ask("GET", downloads.newer, User_Agent=PIP, Range="bytes=-10") == 206
        assert ask("HEAD", downloads.path, User_Agent=PIP) == 200
        assert ask("GET", downloads.path, User_Agent=PIP, If_None_Match="*") == 304
        assert ask("GET", f"{downloads.path}.metadata", User_Agent=PIP) == 200
        assert ask("GET", "/packages/py3/d/demo/demo-1.0-py3-none-any.whl", User_Agent=PIP) == 302
        assert ask("GET", f"/packages/00/00/{'0' * 60}/demo-1.0-py3-none-any.whl", User_Agent=PIP) == 404
    counting.count()
    assert downloads.rows() == [
        ("demo", "1.0", "installer", "pip", "3.12", "Linux", 3),
        ("demo", "2.0", "browser", "Chrome", "", "Windows", 1),
        ("demo", "2.0", "installer", "pip", "3.12", "Linux", 1),
    ]


def test_whoever_is_sent_to_the_object_store_downloads_and_nobody_who_is_sent_elsewhere():
    notes = Notes()
    noted(notes, FILE, status=302)
    noted(notes, FILE, status=301)
    noted(notes, "/packages/py3/d/demo/demo-1.0-py3-none-any.whl", status=302)
    assert list(taken(notes).values()) == [1]


def test_two_processes_count_the_same_files_at_the_same_time(downloads):
    countings = [Counting(downloads.index.tools) for _ in range(4)]
    for number, counting in enumerate(countings):
        paths = [downloads.path, downloads.newer]
        for path in paths if number % 2 else reversed(paths):
            noted(counting.notes, path, 5)
        counting.add_up()
        counting.add_up()
    counting.add_up()
    threads = [threading.Thread(target=counting.write) for counting in countings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row[-1] for row in downloads.rows()] == [20, 20]


def test_what_is_left_is_counted_when_the_process_stops(downloads):
    counting = Counting(downloads.index.tools)
    counting.start()
    noted(counting.notes, downloads.path)
    counting.stop()
    assert [row[-1] for row in downloads.rows()] == [1]


def test_a_file_that_is_gone_is_not_counted_and_holds_nobody_up(downloads):
    counting = Counting(downloads.index.tools)
    noted(counting.notes, FILE, 3)
    noted(counting.notes, downloads.path)
    counting.count()
    assert [row[-1] for row in downloads.rows()] == [1]


def test_while_the_database_is_away_the_sums_wait(downloads, monkeypatch):
    monkeypatch.setattr("warehouse.work.PAUSES", (0, 0))
    tools = downloads.index.tools
    counting = Counting(tools, most_waiting=2)
    real, away = tools.database.sessions, Database("postgresql://nobody@127.0.0.1:1/nothing")
    tools.database.sessions = away.sessions
    noted(counting.notes, downloads.path, 2)
    counting.count()
    for agent in ("curl/8.5.0", "Wget/1.21", "uv/0.4.18"):
        noted(counting.notes, downloads.path, **{"user-agent": agent})
    counting.count()
    tools.database.sessions = real
    assert downloads.rows() == []
    counting.write()
    counting.write()
    assert [row[3] for row in downloads.rows()] == ["pip", "curl"]
    told = tools.metrics.render().decode()
    assert "warehouse_downloads_counted_total 3.0" in told
    assert "warehouse_downloads_dropped_total 2.0" in told


def test_what_is_noted_is_bounded():
    notes = Notes(most=2)
    for agent in "abcab":
        noted(notes, FILE, 5, **{"user-agent": agent + "x" * 60_000})
    assert notes.dropped == 5
    assert {agent[0]: (len(agent), number) for agent, number in taken(notes).items()} == {
        "a": (1500, 10),
        "b": (1500, 10),
    }


@pytest.mark.parametrize(
    ("requested", "is_first"),
    [
        ("bytes=0-", True),
        ("Bytes = 0-99, 200-300", True),
        ("bytes=1-", False),
        ("bytes=-5", False),
        ("", False),
        (None, False),
    ],
)
def test_a_part_counts_if_it_begins_at_the_first_byte(requested, is_first):
    notes = Notes()
    noted(notes, FILE, status=206, **({"range": requested} if requested is not None else {}))
    assert bool(taken(notes)) is is_first
