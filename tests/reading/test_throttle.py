"""How often one client may ask, counted by several processes and for any number of clients."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from warehouse.infra import throttle
from warehouse.infra.throttle import PLACES, REMEMBERED, SIZE, Throttle
from warehouse.standards.networks import network_of

MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    return clock


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Throttle]:
    def made(count: int = 60, period: timedelta = MINUTE, key: bytes = b"secret") -> Throttle:
        return Throttle(tmp_path / "run" / "reads", count, period, key=key, whose=network_of)

    return made


def test_so_many_at_once_and_then_one_after_the_other(clock, make):
    reads = make(60)
    assert [reads.wait("192.0.2.1") for _ in range(60)] == [0.0] * 60
    assert reads.wait("192.0.2.1") == pytest.approx(1.0)
    clock.now += 0.75
    assert reads.wait("192.0.2.1") == pytest.approx(0.25)
    clock.now += 0.25
    assert reads.wait("192.0.2.1") == 0.0
    assert reads.wait("192.0.2.1") == pytest.approx(1.0)


def test_who_asks_on_and_on_still_gets_the_rate(clock, make):
    reads, let_through = make(60), 0
    for _ in range(20 * 600):
        let_through += reads.wait("192.0.2.1") == 0.0
        clock.now += 0.05
    assert 600 <= let_through <= 660


def test_the_allowance_comes_back(clock, make):
    reads = make(60)
    for _ in range(100):
        reads.wait("192.0.2.1")
    clock.now += 60
    assert [reads.wait("192.0.2.1") for _ in range(60)] == [0.0] * 60


def test_others_do_not_pay(clock, make):
    reads = make(60)
    for _ in range(100):
        reads.wait("192.0.2.1")
    assert reads.wait("192.0.2.2") == 0.0


def test_a_network_of_ipv6_is_one_client_and_addresses_of_ipv4_are_many(clock, make):
    reads = make(2)
    assert [reads.wait(f"2001:db8::{number}") for number in range(3)] == [0.0, 0.0, pytest.approx(30)]
    assert reads.wait("2001:db8:0:1::1") == 0.0
    assert [reads.wait(f"192.0.2.{number}") for number in range(9)] == [0.0] * 9


def test_who_has_no_address_is_let_through(clock, make):
    assert {make(1).wait("") for _ in range(9)} == {0.0}


def test_processes_count_together(clock, make):
    reads = make(60)
    if (child := os.fork()) == 0:
        for _ in range(40):
            reads.wait("192.0.2.1")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert [make(60).wait("192.0.2.1") == 0.0 for _ in range(40)].count(True) == 20


def test_what_a_clock_before_the_last_boot_said_is_forgotten(clock, make):
    reads = make(2)
    clock.now = 1_000_000.0
    for _ in range(5):
        reads.wait("192.0.2.1")
    clock.now = 10.0
    again = make(2)
    assert [again.wait("192.0.2.1") for _ in range(3)] == [0.0, 0.0, pytest.approx(30)]


def test_a_crowd_of_addresses_does_not_count_for_one_another(clock, make):
    reads = make(60)
    refused = 0
    for number in range(3 * PLACES):
        clock.now += 0.0001
        refused += reads.wait(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}") > 0
    assert refused == 0
    assert reads.wait("192.0.2.1") == 0.0


def test_a_crowd_of_addresses_takes_no_more_memory(make):
    reads = make(60)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(5 * REMEMBERED):
            reads.wait(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 400 * REMEMBERED
    assert reads._times.nbytes == SIZE


def test_nobody_without_the_key_knows_who_shares_a_place(make):
    addresses = [f"192.0.2.{number}" for number in range(20)]
    one, other = make(key=b"one"), make(key=b"other")
    assert [one._find(address) for address in addresses] == [make(key=b"one")._find(address) for address in addresses]
    assert [one._find(address) for address in addresses] != [other._find(address) for address in addresses]


def test_it_tells_what_is_left_and_when_all_is_back(clock, make):
    reads = make(60)
    assert reads.left("192.0.2.1") == (60, 0.0)
    for left in range(59, -1, -1):
        reads.wait("192.0.2.1")
        assert reads.left("192.0.2.1") == (left, pytest.approx(60 - left))
    assert reads.wait("192.0.2.1") and reads.left("192.0.2.1") == (0, pytest.approx(60))
    clock.now += 1.5
    assert reads.left("192.0.2.1") == (1, pytest.approx(58.5))
    clock.now += 60
    assert reads.left("192.0.2.1") == (60, 0.0)
    assert reads.left("") == (60, 0.0)
