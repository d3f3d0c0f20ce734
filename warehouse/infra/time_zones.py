"""The time zones that the machine knows."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# The others are former names of these, or stand for an offset that nobody lives by.
REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def time_zones() -> tuple[str, ...]:
    """The names that a person can choose from, in order; UTC first, and alone where the machine has no others."""
    named = (name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    return ("UTC", *sorted(named))


@cache
def time_zone(name: str | None) -> tzinfo:
    """The time zone of this name; UTC without one, or when the machine that asks does not know it (any more)."""
    return ZoneInfo(name) if name in time_zones()[1:] and name is not None else UTC
