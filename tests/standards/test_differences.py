"""Comparing texts line by line."""

from __future__ import annotations

import itertools
import random

import pytest

from warehouse.standards.differences import blocks, changed_words, counted, hunks


def rebuilt(old: list[str], new: list[str]) -> list[str]:
    """The new text, as the blocks say that it came from the old one."""
    found = blocks(old, new)
    assert [line for block in found for line in old[block.a : block.b]] == old
    return [line for one in found for line in (old[one.a : one.b] if one.is_same else new[one.c : one.d])]


@pytest.mark.parametrize("seed", range(40))
def test_the_blocks_lead_from_any_text_to_any_other(seed: int) -> None:
    chance = random.Random(seed)
    old = [chance.choice("abcdefghij") * chance.randint(1, 3) for _ in range(chance.randint(0, 60))]
    new = [line for line in old if chance.random() > 0.2]
    for _ in range(chance.randint(0, 10)):
        new.insert(chance.randint(0, len(new)), chance.choice("abcxyz"))
    assert rebuilt(old, new) == new
    found = blocks(old, new)
    assert all(one.is_same != other.is_same for one, other in itertools.pairwise(found))


def test_a_function_that_was_added_is_told_as_a_whole() -> None:
    old = ["def one():", "    pass", "", "def two():", "    pass", ""]
    new = [*old[:3], "def new():", "    pass", "", *old[3:]]
    (_, added, _) = blocks(old, new)
    assert new[added.c : added.d] in (new[3:6], new[1:4], new[2:5])
    assert counted(blocks(old, new)) == (3, 0)


def test_texts_without_landmarks_are_replaced_rather_than_compared_for_ever() -> None:
    old, new = ["x", "y"] * 2000, ["y", "y", "x"] * 2000
    assert rebuilt(old, new) == new


def test_only_some_lines_around_a_change_are_shown() -> None:
    old = [str(number) for number in range(100)]
    new = [*old[:50], "changed", *old[51:]]
    (hunk,), after = hunks(blocks(old, new))
    assert (hunk.skipped, after) == (47, 46)
    assert [(block.is_same, block.b - block.a, block.d - block.c) for block in hunk.blocks] == [
        (True, 3, 3),
        (False, 1, 1),
        (True, 3, 3),
    ]


def test_changes_near_to_each_other_are_shown_together_and_equal_texts_show_none() -> None:
    old = [str(number) for number in range(20)]
    new = ["first", *old[1:6], "second", *old[7:]]
    (hunk,), after = hunks(blocks(old, new))
    assert (hunk.skipped, len(hunk.blocks), after) == (0, 4, 10)
    assert hunks(blocks(old, old)) == ([], 20)
    assert hunks(blocks([], [])) == ([], 0)


def test_words_that_changed_are_marked_where_the_rest_of_the_line_is_the_same() -> None:
    marks = changed_words("version = one_two(3)", "version = one_three(3)")
    assert marks == ((10, 17), (10, 19))
    assert changed_words("completely", "different thing") is None
