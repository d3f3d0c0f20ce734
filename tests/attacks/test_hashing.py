"""Strangers who have passwords hashed: what it may take from everybody else."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from warehouse.errors import Unavailable
from warehouse.infra.passwords import NICENESS, Passwords

LANES = 4
PASSWORD = "correct horse battery staple"


def passwords(*, waiting: int, patience: float = 60.0, passes: int = 120) -> Passwords:
    """One hash at a time, which takes half a second or more."""
    return Passwords(memory=8192, time=passes, parallelism=LANES, at_once=1, waiting=waiting, patience=patience)


def niceness() -> Counter[int]:
    """How many threads of this process give way how much."""
    found: Counter[int] = Counter()
    for task in Path("/proc/self/task").iterdir():
        try:
            found[int((task / "stat").read_text().rpartition(")")[2].split()[16])] += 1
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@contextmanager
def hashing(passwords: Passwords) -> Iterator[Future[str]]:
    """While somebody's password is being hashed."""
    with ThreadPoolExecutor(1) as other:
        future = other.submit(passwords.hash, PASSWORD)
        while not niceness()[NICENESS]:
            assert not future.done()
            time.sleep(0.001)
        yield future


def test_a_hash_gives_way_to_all_other_threads_and_so_do_its_lanes():
    ours = os.nice(0)
    slow = passwords(waiting=0)
    with hashing(slow) as future:
        most = 0
        while not future.done():
            most = max(most, niceness()[NICENESS])
    assert 1 < most <= 1 + LANES  # a lane that has just ended, or not begun, is not seen
    assert os.nice(0) == ours
    assert not niceness()[NICENESS]


def test_whoever_finds_everybody_waiting_is_sent_away_at_once():
    slow = passwords(waiting=0)
    with hashing(slow) as first:
        with pytest.raises(Unavailable):
            slow.refuse_a_crowd()
        with pytest.raises(Unavailable) as refused:
            slow.matches(PASSWORD, "any")
        assert refused.value.retry_after > 0
        assert not first.done()
    assert first.result().startswith("$argon2id$")
    slow.refuse_a_crowd()  # there is none any more


def test_whoever_waits_for_too_long_is_sent_away_and_others_come_after():
    slow = passwords(waiting=1, patience=0.05)
    with hashing(slow) as first:
        for _ in range(3):  # each leaves its place to the next
            with pytest.raises(Unavailable):
                slow.hash(PASSWORD)
        assert not first.done()
    assert slow.matches(PASSWORD, first.result())


def test_of_a_crowd_as_many_are_served_as_may_wait():
    quick = passwords(waiting=3, passes=50)

    def attempt(_: int) -> bool:
        try:
            quick.hash(PASSWORD)
        except Unavailable:
            return False
        return True

    with hashing(quick), ThreadPoolExecutor(40) as crowd:
        served = Counter(crowd.map(attempt, range(40)))
    assert served[True] >= 3
    assert served[False] >= 30


def test_a_wrong_password_and_what_is_no_hash_are_no_match():
    cheap = Passwords(memory=64, time=1, parallelism=1, at_once=1)
    hashed = cheap.hash(PASSWORD)
    assert cheap.matches(PASSWORD, hashed)
    assert not cheap.matches("another", hashed)
    assert not cheap.matches(PASSWORD, "no hash")
    assert not cheap.is_outdated(hashed)
