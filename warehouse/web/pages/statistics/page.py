"""What the page of a project's downloads shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.errors import NotFound
from warehouse.infra.db import Database
from warehouse.sources.downloads import Share, read_project, read_shares
from warehouse.standards.json_api import segment
from warehouse.standards.names import is_valid_name, normalize
from warehouse.web.charts import DayChart, ShareChart, day_chart, share_chart

DAYS = 90
FEWEST = 30  # days of a chart, where counting has only just begun


@dataclass(frozen=True)
class StatisticsPage:
    """The downloads of a project by installers and people; ``apart`` are those by mirrors, scripts and robots.

    ``since`` is when counting began on this index, None before the first download of anything.
    """

    name: str
    normalized_name: str
    path: str
    since: date | None
    today: int
    yesterday: int
    week: int
    month: int
    by_day: DayChart
    versions: ShareChart
    pythons: ShareChart
    installers: ShareChart
    systems: ShareChart
    apart: DayChart
    others: ShareChart

    @property
    def days(self) -> int:
        """How many days are looked at."""
        return len(self.by_day.bars)

    @property
    def is_downloaded(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.by_day.total or self.apart.total)


def statistics_page(database: Database, written: str, today: date) -> StatisticsPage:
    """The page, in two queries. Refuses with :class:`NotFound` what is no project."""
    name = normalize(written)
    found = read_project(database, name) if is_valid_name(written) else None
    if found is None:
        raise NotFound("There is no such project.", code="no_such_project")
    known = (today - found.since).days + 1 if found.since is not None else 0
    first = today - timedelta(days=max(FEWEST, min(DAYS, known)) - 1)
    shares = read_shares(database, name, first, today)
    numbers = {date.fromisoformat(str(share.value)): share for share in shares["day"]}
    counted = {day: share.number for day, share in numbers.items()}
    return StatisticsPage(
        name=found.name,
        normalized_name=name,
        path=f"/project/{segment(found.name)}/",
        since=found.since,
        today=counted.get(today, 0),
        yesterday=counted.get(today - timedelta(days=1), 0),
        week=_before(counted, today, 7),
        month=_before(counted, today, 30),
        by_day=day_chart(counted, first, today),
        versions=_chart(shares["version"]),
        pythons=_chart(shares["python"]),
        installers=_chart(shares["installer"]),
        systems=_chart(shares["system"]),
        apart=day_chart({day: share.apart for day, share in numbers.items()}, first, today),
        others=share_chart(sorted(_apart(shares["installer"]), key=lambda share: (-share[1], share[0]))),
    )


def _before(counted: dict[date, int], today: date, days: int) -> int:
    """The sum of so many whole days, which end with yesterday."""
    return sum(counted.get(today - timedelta(days=ago), 0) for ago in range(1, days + 1))


def _chart(shares: Iterable[Share]) -> ShareChart:
    return share_chart([(str(share.value), share.number) for share in shares if share.number])


def _apart(shares: Iterable[Share]) -> Iterable[tuple[str, int]]:
    return ((str(share.value), share.apart) for share in shares if share.apart)
