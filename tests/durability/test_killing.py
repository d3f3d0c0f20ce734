"""Whoever is killed, and whenever: what was accepted is there, and the tree is whole again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.builders import wheel
from tests.durability import loader
from tests.served import Served, eventually, without

ROOT = Path(__file__).parents[2]
VICTIMS = ("web-1", "postmaster", "backend", "jobs", "web-2")


@contextmanager
def publishing(index: Served, name: str, count: int, ledger: Path) -> Iterator[subprocess.Popen[str]]:
    """A loader at work; killed with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.durability.loader", index.url, index.token(), name, str(count), str(ledger)],
        cwd=ROOT,
        env=without(os.environ, "WAREHOUSE_"),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def answers(ledger: Path) -> list[tuple[int, str, str]]:
    """What the loader was answered: status, file name, digest."""
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    return [(int(status), filename, digest) for status, filename, digest in (line.split() for line in lines)]


def accepted(ledger: Path) -> dict[str, str]:
    """Digests of the files that were accepted, by name."""
    return {filename: digest for status, filename, digest in answers(ledger) if status == 200}


def wait_for(ledger: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many files were accepted or the loader has ended."""
    eventually(lambda: process.poll() is not None or len(accepted(ledger)) >= count, seconds=90)


def finish(process: subprocess.Popen[str]) -> None:
    """Wait for the loader; nothing may have been refused."""
    _, refused = process.communicate(timeout=240)
    assert process.returncode == 0, refused


def kill_one(index: Served, role: str, chance: random.Random) -> None:
    """Kill -9 one member of the tree with this role; there may be none because somebody else took it along."""
    candidates = index.role(role)
    if candidates:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(candidates), signal.SIGKILL)


def gone(index: Served, former: set[int]) -> None:
    """Wait until nobody of the former tree is left; its workers may take a second and a half to leave."""
    eventually(lambda: not former & {one.pid for one in index.processes()}, seconds=5)


def assert_nothing_is_lost(index: Served, name: str, ledger: Path, count: int) -> None:
    """Every accepted file is on its page, with its bytes, and the index finds itself whole."""
    eventually(lambda: index.is_whole, seconds=60, otherwise=lambda: f"{index.processes()}\n{index.log.read_text()}")
    expected = accepted(ledger)
    assert len(expected) == count
    assert {status for status, _, _ in answers(ledger)} <= {200, 503}  # whoever came at a bad moment may come again
    shown = {}
    for number in range(min(count, loader.PROJECTS)):
        for file in index.files(loader.project(name, number)):
            shown[file["filename"]] = file["hashes"]["sha256"]
            assert index.digest_of(file) == file["hashes"]["sha256"]
    assert shown == expected
    index.run("check")


@pytest.mark.parametrize(
    ("count", "every"), [(60, 8), pytest.param(1000, 20, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_an_accepted_file_survives_the_death_of_any_member_of_the_tree(index, tmp_path, count, every):
    seed = time.time_ns()
    chance = random.Random(seed)
    ledger = tmp_path / "ledger"
    killed: Counter[str] = Counter()
    with publishing(index, f"member-{count}", count, ledger) as process:
        for done in range(every, count, every):
            wait_for(ledger, done, process)
            role = VICTIMS[sum(killed.values()) % len(VICTIMS)] if count < 100 else chance.choice(VICTIMS)
            time.sleep(chance.random() * 0.02)
            kill_one(index, role, chance)
            killed[role] += 1
        finish(process)
    print(f"seed {seed}, killed {dict(killed)}, answers {Counter(status for status, _, _ in answers(ledger))}")  # noqa: T201
    assert_nothing_is_lost(index, f"member-{count}", ledger, count)


@pytest.mark.parametrize(
    ("count", "every"), [(60, 20), pytest.param(1000, 100, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_an_accepted_file_survives_the_death_of_the_whole_tree(index, tmp_path, count, every):
    ledger = tmp_path / "ledger"
    with publishing(index, f"tree-{count}", count, ledger) as process:
        for done in range(every, count, every):
            wait_for(ledger, done, process)
            former = {one.pid for one in index.processes()}
            os.kill(index.supervisor, signal.SIGKILL)
            index.wait()
            index.start()  # at once, while members of the former tree may still be leaving
            gone(index, former)
        finish(process)
    assert_nothing_is_lost(index, f"tree-{count}", ledger, count)


def test_nobody_is_left_when_the_supervisor_is_killed(index):
    assert len(index.processes()) > 5
    os.kill(index.supervisor, signal.SIGKILL)
    index.wait()
    eventually(lambda: index.processes() == [], seconds=5, otherwise=index.processes)


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_a_first_start_that_is_killed_at_any_moment_is_simply_tried_again(tmp_path, kills):
    """Making a database, its schema and the keys takes a second or two; each time it is cut short a bit later."""
    index = Served(tmp_path / "fresh", {})
    try:
        for number in range(kills):
            index.begin()
            time.sleep(2.5 * (number + 1) / kills)
            os.kill(index.supervisor, signal.SIGKILL)
            index.wait()
        index.start()
        index.publish(wheel("fresh"))
        index.run("check")
        index.stop()
    finally:
        index.kill()
