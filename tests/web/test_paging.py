"""Where the pages of a long list lead."""

from __future__ import annotations

import pytest

from warehouse.web.paging import Paging


@pytest.mark.parametrize(
    ("number", "last", "window"),
    [
        (1, 1, (1,)),
        (1, 3, (1, 2, 3)),
        (1, 10, (1, 2, 3, None, 10)),
        (4, 10, (1, 2, 3, 4, 5, 6, None, 10)),
        (5, 10, (1, 2, 3, 4, 5, 6, 7, None, 10)),
        (6, 20, (1, None, 4, 5, 6, 7, 8, None, 20)),
        (20, 20, (1, None, 18, 19, 20)),
    ],
)
def test_the_first_the_last_and_those_around_are_shown(number: int, last: int, window: tuple[int | None, ...]) -> None:
    assert Paging(number, last).window == window


def test_what_was_asked_stays_with_its_repetitions() -> None:
    asked = (("q", "a b"), ("c", "Topic :: Internet"), ("c", "Framework :: Django"))
    address = "?q=a+b&c=Topic+%3A%3A+Internet&c=Framework+%3A%3A+Django&page=3"
    assert Paging(2, 9, asked).address(3) == address
