"""Counting attempts, also when many come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from warehouse.errors import TooMany
from warehouse.operations import limits
from warehouse.work import ANONYMOUS, begin


def visitor(address: str = "192.0.2.1"):
    return replace(ANONYMOUS, address=address)


def guess(index, user, address: str = "192.0.2.1") -> bool:
    with begin(index.tools, visitor(address)) as work:
        try:
            limits.reserve(work, limits.sign_in(work, user))
        except TooMany as refusal:
            assert refusal.retry_after > 0
            return False
    return True


def test_ten_wrong_passwords_from_one_address_are_enough(index):
    ada = index.user("ada")
    assert [guess(index, ada) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not guess(index, index.user("bob")), "the address is used up for everybody"


def test_ten_for_one_account_are_enough_from_wherever_they_come(index):
    ada = index.user("ada")
    assert [guess(index, ada, f"192.0.2.{number}") for number in range(12)] == [True] * 10 + [False] * 2
    assert guess(index, index.user("bob"), "192.0.2.99")


def test_of_forty_at_once_ten_get_through(index):
    ada = index.user("ada")
    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(lambda number: guess(index, ada, f"192.0.2.{number}"), range(40))) == 10


def test_what_was_right_does_not_count(index):
    ada = index.user("ada")
    for _ in range(30):
        with begin(index.tools, visitor()) as work:
            limits.reserve(work, limits.sign_in(work, ada))
            limits.give_back(work, limits.sign_in(work, ada))
    assert guess(index, ada)


def test_a_refused_attempt_counts_for_nothing_else(index):
    """Otherwise one address that is used up could use up the accounts of others."""
    ada, bob = index.user("ada"), index.user("bob")
    for _ in range(30):
        guess(index, ada)
    assert [guess(index, bob, "198.51.100.1") for _ in range(10)] == [True] * 10


def test_several_periods_hold_together(index):
    ada = index.user("ada")
    with begin(index.tools, visitor()) as work:
        tried_in_turn = []
        for _ in range(8):
            count = 0
            with suppress(TooMany):
                while count < 10:
                    limits.reserve(work, limits.second_factor(work, ada))
                    count += 1
            tried_in_turn.append(count)
            work.now += timedelta(minutes=10)
    assert tried_in_turn[0] == 5, "five in five minutes"
    assert 15 <= sum(tried_in_turn[:6]) < 30, "about twenty in an hour: what an older window holds counts in part"


def test_counting_begins_anew_when_it_is_forgotten(index):
    ada = index.user("ada")
    with begin(index.tools, visitor()) as work:
        for _ in range(3):
            limits.reserve(work, limits.verification(work, ada))
        with pytest.raises(TooMany):
            limits.reserve(work, limits.verification(work, ada))
        limits.forget(work, limits.verification(work, ada))
        limits.reserve(work, limits.verification(work, ada))
