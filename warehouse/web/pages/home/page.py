"""What the home page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import BigInteger, ColumnElement, case, cast, column, false, func, select
from sqlalchemy import table as sql_table
from sqlalchemy.orm import Session

from warehouse.authz import Permission, allowed
from warehouse.domain.accounts import any_administrator
from warehouse.domain.packaging import File, Project, ProjectStatus, Release
from warehouse.web.commands import Commands, commands_for
from warehouse.work import Work

LATEST = 8
COUNTED_UP_TO = 10_000


@dataclass(frozen=True)
class Count:
    """How many there are; ``is_estimate`` when the planner's number had to do."""

    number: int
    is_estimate: bool = False


@dataclass(frozen=True)
class LatestFile:
    """A file that was uploaded a short while ago."""

    filename: str
    project: str
    normalized_name: str
    version: str
    size: int
    uploaded_at: datetime


@dataclass(frozen=True)
class Contents:
    """What is in the index."""

    projects: Count
    releases: Count
    files: Count
    latest: Sequence[LatestFile]


@dataclass(frozen=True)
class HomePage:
    """The page. ``contents`` is None for visitors who may not read the index."""

    host: str
    contents: Contents | None
    commands: Commands
    lacks_administrator: bool
    shown_at: datetime


def home_page(work: Work, base_url: str) -> HomePage:
    """The home page as this actor may see it: three queries however large the index is."""
    may_read = work.settings.access.read == "everyone" or allowed(work.actor, Permission.READ_INDEX)
    return HomePage(
        host=urlsplit(base_url).netloc,
        contents=_contents(work.db) if may_read else None,
        commands=commands_for(work.settings, base_url),
        lacks_administrator=not any_administrator(work.db),
        shown_at=work.now,
    )


def _contents(db: Session) -> Contents:
    projects, releases, files = db.execute(select(_count(Project), _count(Release), _count(File))).one()
    return Contents(_judged(projects), _judged(releases), _judged(files), _latest(db))


def _count(table: type[Project | Release | File]) -> ColumnElement[int]:
    """The rows of a table: counted while they are few, as last analysed when there are many.

    Counting reads every row, which a page that everybody opens must not do.
    """
    few = select(table.id).limit(COUNTED_UP_TO + 1).subquery()
    counted = select(func.count()).select_from(few).scalar_subquery()
    analysed = (
        select(cast(column("reltuples"), BigInteger))
        .select_from(sql_table("pg_class"))
        .where(column("oid") == func.to_regclass(table.__tablename__))
        .scalar_subquery()
    )
    return case((counted <= COUNTED_UP_TO, counted), else_=func.greatest(analysed, counted))


def _judged(number: int) -> Count:
    return Count(roughly(number), is_estimate=True) if number > COUNTED_UP_TO else Count(number)


def roughly(number: int) -> int:
    """The number with the two digits that an estimate is good for."""
    return round(number, 2 - len(str(number)))


def _latest(db: Session) -> list[LatestFile]:
    query = (
        select(File.filename, Project.name, Project.normalized_name, Release.version, File.size, File.uploaded_at)
        .join(Release, Release.id == File.release_id)
        .join(Project, Project.id == File.project_id)
        .where(Project.status != ProjectStatus.QUARANTINED.value, Release.is_quarantined == false())
        .order_by(File.id.desc())
        .limit(LATEST)
    )
    return [LatestFile(*row) for row in db.execute(query)]
