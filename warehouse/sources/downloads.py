"""How often files were downloaded: what pages and programs are told of a project, and of the whole index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, get_args

from warehouse.domain.packaging.downloads import divided_downloads
from warehouse.infra.db import Database

By = Literal["day", "version", "python", "installer", "system"]
EVERY: tuple[By, ...] = get_args(By)

MOST = 500  # values of one kind; a project may have thousands of versions

_PROJECT = """
    SELECT p.name, (SELECT min(day) FROM downloads), r.day, r.week, r.month, r.as_of
    FROM projects p LEFT JOIN recent_downloads r ON r.normalized_name = p.normalized_name
    WHERE p.normalized_name = %(name)s
"""
_DETAILS = divided_downloads(
    "normalized_name = %(name)s AND day >= %(since)s AND day <= %(until)s AND day > (SELECT until FROM known)"
)
# Of days that were added up the sums are read, of those after them the details.
_SHARES = f"""
    WITH known AS MATERIALIZED (SELECT coalesce(max(day), '-infinity') AS until FROM download_days),
    each AS (
        SELECT by, day, value, number, apart FROM download_shares
        WHERE normalized_name = %(name)s AND by = ANY(%(by)s) AND day >= %(since)s
            AND day <= least(%(until)s, (SELECT until FROM known))
        UNION ALL
        SELECT by, day, value, number, apart FROM (
            {_DETAILS}
        ) AS detailed WHERE by = ANY(%(by)s)
    )
    SELECT by, CASE by WHEN 'day' THEN day END, value, sum(number)::bigint, sum(apart)::bigint FROM each
    GROUP BY 1, 2, 3
"""
_TOP = """
    SELECT p.name, r.normalized_name, r.day, r.week, r.month
    FROM recent_downloads r JOIN projects p ON p.normalized_name = r.normalized_name
    WHERE p.status <> 'quarantined'
    ORDER BY r.month DESC, r.normalized_name COLLATE "C" LIMIT %(most)s
"""
_DAYS = "SELECT day, number, apart FROM download_days WHERE day >= %(since)s AND day <= %(until)s ORDER BY day"


class Recent(NamedTuple):
    """Downloads in the last day, week and month before ``as_of``."""

    day: int
    week: int
    month: int
    as_of: date


@dataclass(frozen=True)
class CountedProject:
    """A project, since when downloads are counted on this index (None: never), and its last month if it had any."""

    name: str
    since: date | None
    recent: Recent | None


class Share(NamedTuple):
    """Of one version, installer, Python or system, or on one day: by installers and people, and by all else."""

    value: str | date
    number: int
    apart: int


class DownloadedDay(NamedTuple):
    """Downloads of all projects on one day, by installers and people, and by all else."""

    day: date
    number: int
    apart: int


class DownloadedProject(NamedTuple):
    """A project, and how often it was downloaded in the last day, week and month."""

    name: str
    normalized_name: str
    day: int
    week: int
    month: int


def read_project(database: Database, name: str) -> CountedProject | None:
    """The project with this normalized name; None when there is none."""
    rows = database.rows(_PROJECT, {"name": name})
    if not rows:
        return None
    shown, since, day, week, month, as_of = rows[0]
    return CountedProject(shown, since, Recent(day, week, month, as_of) if as_of is not None else None)


def read_shares(
    database: Database, name: str, since: date, until: date, by: Collection[By] = EVERY
) -> dict[By, list[Share]]:
    """The downloads of these days, divided in each of these ways, the most first; days in their order."""
    given = {"name": name, "since": since, "until": until, "by": list(by)}
    found: dict[By, list[Share]] = {one: [] for one in by}
    for one, day, value, number, apart in database.rows(_SHARES, given):
        found[one].append(Share(day if day is not None else value, number, apart))
    for one, shares in found.items():
        shares.sort(key=(lambda share: share.value) if one == "day" else (lambda share: (-share.number, share.value)))
    return found


def read_most_downloaded(database: Database, most: int) -> Sequence[DownloadedProject]:
    """The projects that were downloaded most in the last month."""
    return [DownloadedProject(*row) for row in database.rows(_TOP, {"most": most})]


def read_days(database: Database, since: date, until: date) -> list[DownloadedDay]:
    """The downloads of all projects on each of these days, as far as they were added up."""
    return [DownloadedDay(*row) for row in database.rows(_DAYS, {"since": since, "until": until})]
