"""What the page of statistics shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.infra.db import Database
from warehouse.sources.stats import read_stats


@dataclass(frozen=True)
class LargeProject:
    """One of the largest projects, and the bytes of its files."""

    name: str
    size: int


@dataclass(frozen=True)
class StatsPage:
    """The bytes of all files, and the largest projects, the largest first."""

    total_size: int
    largest: Sequence[LargeProject]


def stats_page(database: Database) -> StatsPage:
    """The page, in two queries however large the index is."""
    total_size, largest = read_stats(database)
    return StatsPage(total_size, [LargeProject(*large) for large in largest])
