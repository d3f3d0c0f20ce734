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


class DownloadShare(Base):
    """Downloads of a project on one day, divided ``by`` day, version, installer, Python or system.

    ``number`` are those by installers and people, ``apart`` all others. Derived from the details, which may be a
    thousand times as many; there up to the newest :class:`DownloadDay`.
    """

    __tablename__ = "download_shares"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    by: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    apart: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "normalized_name", "by", "day"),)


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
    SELECT coalesce(sum(number), 0)::bigint, min(day) FROM logged_downloads l
    WHERE EXISTS (SELECT FROM files f WHERE f.blake2_256 = l.digest)
""")


def count_downloads(db: Session, fetched: Iterable[Fetched]) -> None:
    """Add these to the numbers. What is no file of the index, any more or ever, is left out."""
    db.execute(_COUNT, _arrays(fetched))


def put_aside(db: Session, fetched: Iterable[Fetched]) -> None:
    """Keep these for :func:`count_put_aside`, until the transaction ends."""
    db.execute(_ASIDE)
    db.execute(_PUT_ASIDE, _arrays(fetched))


def count_put_aside(db: Session) -> tuple[int, date | None]:
    """Add all that was put aside to the numbers, as :func:`count_downloads` does; how many, and since which day."""
    known, first = db.execute(_KNOWN_ASIDE).one()
    db.execute(_COUNT_ASIDE)
    return known, first


def _arrays(fetched: Iterable[Fetched]) -> dict[str, list[object]]:
    names = ("days", "digests", "kinds", "installers", "pythons", "systems", "numbers")
    columns = list(zip(*fetched, strict=True)) or [()] * len(names)
    return {name: list(values) for name, values in zip(names, columns, strict=True)}


def divided_downloads(where: str) -> str:
    """A query for the columns of :class:`DownloadShare`, from the downloads ``where`` this holds."""
    counted = "kind IN ('" + "', '".join(sorted(COUNTED)) + "')"
    # What is grouped by is 0 in the number that GROUPING makes.
    return f"""
        SELECT day, normalized_name,
            CASE GROUPING(version, installer, python, system)
                WHEN 7 THEN 'version' WHEN 11 THEN 'installer' WHEN 13 THEN 'python' WHEN 14 THEN 'system' ELSE 'day'
            END AS by,
            coalesce(version, installer, python, system, '') AS value,
            coalesce(sum(number) FILTER (WHERE {counted}), 0)::bigint AS number,
            coalesce(sum(number) FILTER (WHERE NOT {counted}), 0)::bigint AS apart
        FROM downloads WHERE {where}
        GROUP BY GROUPING SETS (
            (day, normalized_name), (day, normalized_name, version), (day, normalized_name, installer),
            (day, normalized_name, python), (day, normalized_name, system)
        )
    """


# Of two who add up the same day the second would not see what the first has written, and write it again.
_ALONE = text("LOCK TABLE download_shares IN SHARE ROW EXCLUSIVE MODE")
_NEWEST_ADDED = text("SELECT max(day) FROM download_days")
_FIRST_DAY = text("SELECT min(day) FROM downloads WHERE day >= :first AND day < :as_of")
_FORGET_SHARES = text("DELETE FROM download_shares WHERE day = :day")
_SHARE = text(f"""
    INSERT INTO download_shares (day, normalized_name, by, value, number, apart) {divided_downloads("day = :day")}
""")
_ADD_UP_DAY = text("""
    INSERT INTO download_days AS known (day, number, apart)
    SELECT day, sum(number), sum(apart) FROM download_shares WHERE day = :day AND by = 'day' GROUP BY day
    ON CONFLICT (day) DO UPDATE SET number = EXCLUDED.number, apart = EXCLUDED.apart
""")
_REFRESH = text("""
    INSERT INTO recent_downloads AS known (normalized_name, day, week, month, as_of)
    SELECT normalized_name,
        coalesce(sum(number) FILTER (WHERE day >= :day), 0),
        coalesce(sum(number) FILTER (WHERE day >= :week), 0),
        sum(number),
        :as_of
    FROM download_shares WHERE day >= :month AND day < :as_of AND by = 'day' AND number > 0
    GROUP BY normalized_name
    ON CONFLICT (normalized_name) DO UPDATE
    SET day = EXCLUDED.day, week = EXCLUDED.week, month = EXCLUDED.month, as_of = EXCLUDED.as_of
""")
_FORGET = text("DELETE FROM recent_downloads WHERE as_of <> :as_of")


def add_up(db: Session, as_of: date, *, since: date | None = None) -> None:
    """Make all sums true to the days before ``as_of``, day by day, and :class:`RecentDownloads` to the last of them.

    Days that were added up before are left as they are, but for the newest, for which some may have come late, and
    those from ``since`` on.
    """
    db.execute(_ALONE)
    newest = db.scalar(_NEWEST_ADDED) or date.min
    first = min(newest, since or newest)
    while (day := db.scalar(_FIRST_DAY, {"first": first, "as_of": as_of})) is not None:
        _share(db, day)
        db.execute(_ADD_UP_DAY, {"day": day})
        first = day + timedelta(days=1)
    days = {"day": as_of - timedelta(days=1), "week": as_of - WEEK, "month": as_of - MONTH}
    db.execute(_REFRESH, {**days, "as_of": as_of})
    db.execute(_FORGET, {"as_of": as_of})


def _share(db: Session, day: date) -> None:
    db.execute(_FORGET_SHARES, {"day": day})
    db.execute(_SHARE, {"day": day})


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
        db.execute(_ALONE)
        db.execute(_FOLD, {"day": day})
        _share(db, day)
    return day
