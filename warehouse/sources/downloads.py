"""How often files were downloaded: what pages and programs are told of a project, and of the whole index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, LiteralString, NamedTuple

from warehouse.infra.db import Database
from warehouse.standards.fetchers import COUNTED

By = Literal["day", "version", "python", "installer", "system"]

MOST = 500  # values of one kind; a project may have thousands of versions

_PROJECT = """
    SELECT p.name, (SELECT min(day) FROM downloads), r.day, r.week, r.month, r.as_of
    FROM projects p LEFT JOIN recent_downloads r ON r.normalized_name = p.normalized_name
    WHERE p.normalized_name = %(name)s
"""
# What is grouped by is 0 in the number that GROUPING makes.
_EVERYTHING = """
    SELECT GROUPING(day, version, installer, python, system), day, coalesce(version, installer, python, system),
        coalesce(sum(number) FILTER (WHERE kind = ANY(%(kinds)s)), 0)::bigint,
        coalesce(sum(number) FILTER (WHERE kind <> ALL(%(kinds)s)), 0)::bigint
    FROM downloads WHERE normalized_name = %(name)s AND day >= %(since)s AND day <= %(until)s
    GROUP BY GROUPING SETS ((day), (version), (installer), (python), (system))
"""
_GROUPED: Mapping[int, By] = {15: "day", 23: "version", 27: "installer", 29: "python", 30: "system"}


def _shares(column: LiteralString) -> LiteralString:
    order = "1" if column == "day" else f'2 DESC, {column} COLLATE "C"'
    return f"""
        SELECT {column}, sum(number)::bigint FROM downloads
        WHERE normalized_name = %(name)s AND day >= %(since)s AND day <= %(until)s
            AND (%(everyone)s OR kind = ANY(%(kinds)s))
        GROUP BY 1 ORDER BY {order}
    """


_BY: Mapping[By, LiteralString] = {
    "day": _shares("day"),
    "version": _shares("version"),
    "python": _shares("python"),
    "installer": _shares("installer"),
    "system": _shares("system"),
}
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


def read_everything(database: Database, name: str, since: date, until: date) -> dict[By, list[Share]]:
    """The downloads of these days, divided in every way, the most first; days in their order."""
    given = {"name": name, "since": since, "until": until, "kinds": list(COUNTED)}
    found: dict[By, list[Share]] = {by: [] for by in _GROUPED.values()}
    for grouping, day, value, number, apart in database.rows(_EVERYTHING, given):
        found[_GROUPED[grouping]].append(Share(day if day is not None else value, number, apart))
    for by, shares in found.items():
        shares.sort(
            key=(lambda share: (0, share.value)) if by == "day" else (lambda share: (-share.number, share.value))
        )
    return found


def read_shares(
    database: Database, name: str, since: date, until: date, by: By, *, everyone: bool
) -> list[tuple[str | date, int]]:
    """The downloads of these days, divided in one way; with ``everyone`` also those by mirrors, scripts and robots."""
    given = {"name": name, "since": since, "until": until, "everyone": everyone, "kinds": list(COUNTED)}
    return database.rows(_BY[by], given)


def read_most_downloaded(database: Database, most: int) -> Sequence[DownloadedProject]:
    """The projects that were downloaded most in the last month."""
    return [DownloadedProject(*row) for row in database.rows(_TOP, {"most": most})]


def read_days(database: Database, since: date, until: date) -> list[DownloadedDay]:
    """The downloads of all projects on each of these days, as far as they were added up."""
    return [DownloadedDay(*row) for row in database.rows(_DAYS, {"since": since, "until": until})]
