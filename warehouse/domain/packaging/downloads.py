"""The tables of how often files are downloaded: counted by day, and added up for each project."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, Date, DateTime, Index, Text, func, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base
from warehouse.standards.fetchers import COUNTED

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


class Download(Base):
    """How often the files of one version were downloaded on one day (UTC), by what and on what.

    ``kind`` says who fetches: ``installer``, ``mirror``, ``browser``, ``other``. The last three are empty where the
    client did not say; ``python`` is ``3.12``, ``system`` is ``Linux``. Nothing tells one client from another. Of days
    that are long over the version is empty, too: only sums are kept.
    """

    __tablename__ = "downloads"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    installer: Mapped[str] = mapped_column(Text, primary_key=True)
    python: Mapped[str] = mapped_column(Text, primary_key=True)
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index(None, "normalized_name", "day"),
        Index("ix_downloads_detailed", "day", postgresql_where=text("version <> ''")),
    )


class RecentDownloads(Base):
    """Downloads of a project by installers and people in the last day, week and month before ``as_of`` (UTC)."""

    __tablename__ = "recent_downloads"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[int] = mapped_column(BigInteger)
    week: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[date] = mapped_column(Date)

    __table_args__ = (Index(None, "month"),)


class DownloadDay(Base):
    """Downloads of all projects together on one day: by installers and people, and apart from them by all else."""

    __tablename__ = "download_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    apart: Mapped[int] = mapped_column(BigInteger)


class DownloadImport(Base):
    """A log whose downloads were counted, by the SHA-256 of what it holds: none is counted twice."""

    __tablename__ = "download_imports"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    filename: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(BigInteger)
    imported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Fetched(NamedTuple):
    """So many downloads of the file with this BLAKE2b-256 on one day, by one kind of client."""

    day: date
    blake2_256: str
    kind: str
    installer: str
    python: str
    system: str
    number: int


_COLUMNS = "day, digest, kind, installer, python, system, number"
_GIVEN = """unnest(
    CAST(:days AS date[]), CAST(:digests AS text[]), CAST(:kinds AS text[]), CAST(:installers AS text[]),
    CAST(:pythons AS text[]), CAST(:systems AS text[]), CAST(:numbers AS bigint[])
)"""

# In the order of the key: two who count at the same time lock the same rows one after the other, and never crosswise.
_ADD = f"""
    INSERT INTO downloads AS d (day, normalized_name, version, kind, installer, python, system, number)
    SELECT n.day, p.normalized_name, r.version, n.kind, n.installer, n.python, n.system, sum(n.number)
    FROM {{given}} AS n ({_COLUMNS})
    JOIN files f ON f.blake2_256 = n.digest
    JOIN releases r ON r.id = f.release_id
    JOIN projects p ON p.id = f.project_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (day, normalized_name, version, kind, installer, python, system)
    DO UPDATE SET number = d.number + EXCLUDED.number
"""
_COUNT = text(_ADD.format(given=_GIVEN))
_COUNT_ASIDE = text(_ADD.format(given="logged_downloads"))
_ASIDE = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS logged_downloads
    (day date, digest text, kind text, installer text, python text, system text, number bigint) ON COMMIT DROP
""")
_PUT_ASIDE = text(f"INSERT INTO logged_downloads SELECT * FROM {_GIVEN}")
_KNOWN_ASIDE = text("""
    SELECT coalesce(sum(number), 0)::bigint FROM logged_downloads l
    WHERE EXISTS (SELECT FROM files f WHERE f.blake2_256 = l.digest)
""")


def count_downloads(db: Session, fetched: Iterable[Fetched]) -> None:
    """Add these to the numbers. What is no file of the index, any more or ever, is left out."""
    db.execute(_COUNT, _arrays(fetched))


def put_aside(db: Session, fetched: Iterable[Fetched]) -> None:
    """Keep these for :func:`count_put_aside`, until the transaction ends."""
    db.execute(_ASIDE)
    db.execute(_PUT_ASIDE, _arrays(fetched))


def count_put_aside(db: Session) -> int:
    """Add all that was put aside to the numbers, as :func:`count_downloads` does; how many downloads that were."""
    known = db.scalar(_KNOWN_ASIDE)
    db.execute(_COUNT_ASIDE)
    return known or 0


def _arrays(fetched: Iterable[Fetched]) -> dict[str, list[object]]:
    names = ("days", "digests", "kinds", "installers", "pythons", "systems", "numbers")
    columns = list(zip(*fetched, strict=True)) or [()] * len(names)
    return {name: list(values) for name, values in zip(names, columns, strict=True)}


_REFRESH = text("""
    INSERT INTO recent_downloads AS known (normalized_name, day, week, month, as_of)
    SELECT normalized_name,
        coalesce(sum(number) FILTER (WHERE day >= :day), 0),
        coalesce(sum(number) FILTER (WHERE day >= :week), 0),
        sum(number),
        :as_of
    FROM downloads WHERE day >= :month AND day < :as_of AND kind = ANY(:kinds)
    GROUP BY normalized_name
    ON CONFLICT (normalized_name) DO UPDATE
    SET day = EXCLUDED.day, week = EXCLUDED.week, month = EXCLUDED.month, as_of = EXCLUDED.as_of
""")
_FORGET = text("DELETE FROM recent_downloads WHERE as_of <> :as_of")
_DAYS = text("""
    INSERT INTO download_days AS known (day, number, apart)
    SELECT day, coalesce(sum(number) FILTER (WHERE kind = ANY(:kinds)), 0),
        coalesce(sum(number) FILTER (WHERE kind <> ALL(:kinds)), 0)
    FROM downloads WHERE day >= :since AND day < :as_of
    GROUP BY day
    ON CONFLICT (day) DO UPDATE SET number = EXCLUDED.number, apart = EXCLUDED.apart
""")


def add_up_recent_downloads(db: Session, as_of: date, *, since: date | None = None) -> None:
    """Make :class:`RecentDownloads` true to the days before ``as_of``, for all projects at once.

    :class:`DownloadDay`, too, from ``since`` on if that is before the last month.
    """
    days = {"day": as_of - timedelta(days=1), "week": as_of - WEEK, "month": as_of - MONTH}
    db.execute(_REFRESH, {**days, "as_of": as_of, "kinds": list(COUNTED)})
    db.execute(_FORGET, {"as_of": as_of})
    db.execute(_DAYS, {"since": since or days["month"], "as_of": as_of, "kinds": list(COUNTED)})


_OLDEST_DETAILED = text("SELECT min(day) FROM downloads WHERE version <> '' AND day < :before")
_FOLD = text("""
    WITH gone AS (
        DELETE FROM downloads WHERE day = :day AND version <> '' RETURNING normalized_name, kind, number
    )
    INSERT INTO downloads AS d (day, normalized_name, version, kind, installer, python, system, number)
    SELECT :day, normalized_name, '', kind, '', '', '', sum(number) FROM gone GROUP BY 2, 4 ORDER BY 2, 4
    ON CONFLICT (day, normalized_name, version, kind, installer, python, system)
    DO UPDATE SET number = d.number + EXCLUDED.number
""")


def fold_downloads(db: Session, before: date) -> date | None:
    """Of the oldest day with details, if it is before this one, keep only sums; which day that was."""
    day = db.scalar(_OLDEST_DETAILED, {"before": before})
    if day is not None:
        db.execute(_FOLD, {"day": day})
    return day
