"""How often a project is released: when first, when last, and how long it takes from one release to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

_YEAR = timedelta(days=365)
_RECENT = 12  # releases that tell how long it takes nowadays


class Cadence(NamedTuple):
    """The releases of a project in time. ``days_between`` is what it usually took between the last few of them.

    That is None for fewer than three releases: two of them are no rhythm.
    """

    releases: int
    first_at: datetime
    last_at: datetime
    in_last_year: int
    days_between: int | None


def cadence_of(moments: Sequence[datetime], now: datetime) -> Cadence | None:
    """The cadence of releases at these times, in whatever order; None when there were none."""
    if not moments:
        return None
    ordered = sorted(moments)
    recent = ordered[-_RECENT:]
    gaps = [(later - earlier).total_seconds() / 86400 for earlier, later in pairwise(recent)]
    return Cadence(
        releases=len(ordered),
        first_at=ordered[0],
        last_at=ordered[-1],
        in_last_year=sum(1 for moment in ordered if now - moment < _YEAR),
        days_between=round(median(gaps)) if len(gaps) >= 2 else None,
    )
