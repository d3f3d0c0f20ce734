"""The process tree: real children, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

PROGRAM = """
import logging, os, signal, sys, time
from pathlib import Path
from warehouse.server.tree import Child, Tree

notes = Path(sys.argv[1])
logging.basicConfig(level=logging.INFO, stream=open(notes / "log", "a"), format="%(message)s")

def note(name, what):
    with open(notes / name, "a") as out:
        out.write(f"{what}\\n")

def steady():
    note("steady", os.getpid())
    time.sleep(600)

def polite():
    def leave(*_):
        note("left", os.getpid())
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    note("polite", os.getpid())
    time.sleep(600)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("stubborn", os.getpid())
    time.sleep(600)

def standard():
    for fd in (0, 1, 2):
        note("standard", os.path.realpath(f"/proc/self/fd/{fd}"))
    time.sleep(600)

def broken():
    note("broken", time.monotonic())
    raise ValueError("no good")

def chore():
    note("chore", time.monotonic())

def failing_chore():
    note("failing", os.getpid())
    raise ValueError("not today")

names = sys.argv[2].split(",")
children = [Child(name, globals()[name]) for name in names if "chore" not in name]
tree = Tree(children, grace=float(sys.argv[3]), settle=0.05)
for name in names:
    if "chore" in name:
        tree.every(0.05, globals()[name])
sys.exit(tree.run())
"""


class Serving:
    """A tree in a process of its own, and the notes its children wrote."""

    def __init__(self, folder: Path, children: str, grace: float, **options: object) -> None:
        self.folder = folder
        command = [sys.executable, "-c", PROGRAM, str(folder), children, str(grace)]
        self.process = subprocess.Popen(command, start_new_session=True, **options)  # type: ignore[call-overload]

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def pids(self, name: str, count: int = 1) -> list[int]:
        eventually(lambda: len(self.lines(name)) >= count)
        return [int(line) for line in self.lines(name)]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for name in ("steady", "polite", "stubborn"):
            for line in self.lines(name):
                if is_alive(int(line)):
                    os.kill(int(line), signal.SIGKILL)


def eventually(fact: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    begun: list[Serving] = []

    def begin(children: str, grace: float = 5, **options: object) -> Serving:
        begun.append(Serving(tmp_path, children, grace, **options))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()


def test_a_killed_child_is_started_again_at_once(serve):
    tree = serve("steady,polite")
    first = tree.pids("steady")[0]
    other = tree.pids("polite")[0]
    killed = time.monotonic()
    os.kill(first, signal.SIGKILL)
    second = tree.pids("steady", 2)[1]
    assert time.monotonic() - killed < 10
    assert is_alive(second)
    assert tree.pids("polite") == [other]
    assert "steady ended by signal 9 (Killed)" in tree.lines("log")


def test_a_child_that_keeps_failing_is_given_longer_and_longer_pauses(serve):
    tree = serve("broken")
    eventually(lambda: len(tree.lines("broken")) >= 4)
    begun = [float(line) for line in tree.lines("broken")]
    pauses = [later - earlier for earlier, later in pairwise(begun)][:3]
    assert pauses[0] < 0.4
    assert 0.5 <= pauses[1] < 0.9
    assert 1.0 <= pauses[2] < 1.5
    assert "ValueError: no good" in tree.lines("log")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_children_are_asked_to_end_and_the_tree_waits_for_them(serve, number):
    tree = serve("polite,steady")
    asked = tree.pids("polite")
    tree.pids("steady")
    tree.process.send_signal(number)
    assert tree.process.wait(5) == 0
    assert tree.pids("left") == asked


def test_a_child_that_does_not_end_is_killed_when_its_grace_is_over(serve):
    tree = serve("stubborn", grace=0.3)
    stubborn = tree.pids("stubborn")[0]
    tree.process.terminate()
    assert tree.process.wait(5) == 1
    assert not is_alive(stubborn)


def test_a_second_interrupt_kills_at_once(serve):
    tree = serve("stubborn", grace=60)
    tree.pids("stubborn")
    tree.process.send_signal(signal.SIGINT)
    eventually(lambda: "stopping" in tree.lines("log"))
    tree.process.send_signal(signal.SIGINT)
    assert tree.process.wait(5) == 1


def test_nobody_is_left_when_the_parent_is_killed(serve):
    tree = serve("steady,polite,stubborn")
    children = tree.pids("steady") + tree.pids("polite") + tree.pids("stubborn")
    tree.process.kill()
    eventually(lambda: not any(is_alive(pid) for pid in children), seconds=10)


def test_hangup_replaces_one_child_after_the_other(serve):
    tree = serve("polite,steady")
    before = tree.pids("polite") + tree.pids("steady")
    tree.process.send_signal(signal.SIGHUP)
    after = tree.pids("polite", 2)[1:] + tree.pids("steady", 2)[1:]
    assert not set(before) & set(after)
    assert tree.pids("left") == before[:1]
    log = tree.lines("log")
    first_is_back = [at for at, line in enumerate(log) if line == "polite started"][1]
    assert first_is_back < log.index("steady ended by signal 15 (Terminated)")
    assert tree.process.poll() is None


def test_the_parent_has_chores_and_survives_their_failures(serve):
    tree = serve("steady,chore,failing_chore")
    eventually(lambda: len(tree.lines("chore")) >= 4 and len(tree.lines("failing")) >= 4)
    begun = [float(line) for line in tree.lines("chore")]
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(begun))
    assert set(tree.lines("failing")) == {str(tree.process.pid)}
    assert "ValueError: not today" in tree.lines("log")


def test_nothing_is_done_while_nothing_happens(serve):
    tree = serve("steady")
    tree.pids("steady")
    spent = Path(f"/proc/{tree.process.pid}/stat")
    time.sleep(0.1)
    before = spent.read_text().split()[13:15]
    time.sleep(0.5)
    assert spent.read_text().split()[13:15] == before


def test_it_runs_with_standard_input_and_output_closed(serve, tmp_path):
    def close() -> None:
        os.closerange(0, 3)

    tree = serve("polite,standard", preexec_fn=close)
    tree.pids("polite")
    eventually(lambda: len(tree.lines("standard")) == 3)
    assert set(tree.lines("standard")) <= {os.devnull, str(tmp_path / "log")}  # and no pipe of ours
    tree.process.terminate()
    assert tree.process.wait(5) == 0
