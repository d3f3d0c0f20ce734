"""What the page of statistics shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.infra.db import Database
from warehouse.sources.downloads import DownloadedProject, read_days, read_most_downloaded
from warehouse.sources.stats import read_stats
from warehouse.web.charts import DayChart, day_chart

DAYS = 90
MOST_DOWNLOADED = 25


@dataclass(frozen=True)
class LargeProject:
    """One of the largest projects, and the bytes of its files."""

    name: str
    size: int


@dataclass(frozen=True)
class StatsPage:
    """The bytes of all files, the largest projects and those with the most downloads, each the largest first.

    ``by_day`` are the downloads of all projects by installers and people, up to yesterday.
    """

    total_size: int
    largest: Sequence[LargeProject]
    most_downloaded: Sequence[DownloadedProject]
    by_day: DayChart


def stats_page(database: Database, today: date) -> StatsPage:
    """The page, in four queries however large the index is."""
    total_size, largest = read_stats(database)
    first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
    return StatsPage(
        total_size,
        [LargeProject(*large) for large in largest],
        read_most_downloaded(database, MOST_DOWNLOADED),
        day_chart({one.day: one.number for one in read_days(database, first, last)}, first, last, is_open=False),
    )
