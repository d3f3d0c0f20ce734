"""What charts show, as numbers: the drawing is the component's (`components/chart.html`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

HEIGHT = 100  # units of a drawing, in which a bar has this height at most
WIDTH = 10  # of a day, two of which are left free
SHARES = 10  # bars, before the rest are one


class Bar(NamedTuple):
    """A day: how many, and where its bar begins and ends. One that ``is_open`` is not over."""

    day: date
    number: int
    x: int
    y: float
    height: float
    is_open: bool


@dataclass(frozen=True)
class DayChart:
    """Numbers day by day, each of which has a bar; the scale ends at ``top``."""

    bars: tuple[Bar, ...]
    top: int

    @property
    def width(self) -> int:
        """Units from the beginning of the first day to the end of the last."""
        return len(self.bars) * WIDTH

    @property
    def total(self) -> int:
        """All days together."""
        return sum(bar.number for bar in self.bars)

    @property
    def most(self) -> Bar:
        """The day with the most."""
        return max(self.bars, key=lambda bar: bar.number)


class ShareBar(NamedTuple):
    """So many of one kind; ``percent`` of all, and ``width`` of the largest bar. No value: it is not known."""

    value: str
    number: int
    percent: float
    width: float


@dataclass(frozen=True)
class ShareChart:
    """The kinds with the most, and how many all others come to."""

    bars: tuple[ShareBar, ...]
    others: int
    others_percent: float


def day_chart(numbers: Mapping[date, int], first: date, last: date, *, is_open: bool = True) -> DayChart:
    """A chart of all days from the first to the last, which is not over if the chart ``is_open``."""
    days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
    top = rounded_up(max((numbers.get(day, 0) for day in days), default=0))
    bars = []
    for at, day in enumerate(days):
        height = round(numbers.get(day, 0) * HEIGHT / top, 1)
        bars.append(
            Bar(day, numbers.get(day, 0), at * WIDTH, round(HEIGHT - height, 1), height, is_open and day == last)
        )
    return DayChart(tuple(bars), top)


def share_chart(shares: Sequence[tuple[str, int]], most: int = SHARES) -> ShareChart:
    """A chart of numbers in their order, which is the largest first."""
    total = sum(number for _, number in shares) or 1
    largest = max((number for _, number in shares), default=0) or 1
    bars = tuple(
        ShareBar(value, number, 100 * number / total, round(100 * number / largest, 1))
        for value, number in shares[:most]
        if number
    )
    others = sum(number for _, number in shares[most:])
    return ShareChart(bars, others, 100 * others / total)


def rounded_up(number: int) -> int:
    """The end of a scale with two halves that people can read: 2, 4, 6, 10, 20, 40, 60, 100 and so on."""
    step = 1
    while number > 10 * step:
        step *= 10
    return next(nice * step for nice in (2, 4, 6, 10) if nice * step >= number)
