"""What the home page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import BigInteger, ColumnElement, case, cast, column, false, func, select, true
from sqlalchemy import table as sql_table
from sqlalchemy.orm import Session

from warehouse.authz import Permission, allowed
from warehouse.domain.accounts import User, any_administrator
from warehouse.domain.packaging import File, Project, ProjectStatus, Release
from warehouse.web.commands import Commands, commands_for
from warehouse.work import Work

SHOWN = 6  # projects in each list
LOOKED_AT = 60  # newest releases, among which a project may have many
FEW = 20  # projects up to which an index has just begun
COUNTED_UP_TO = 10_000


@dataclass(frozen=True)
class Count:
    """How many there are; ``is_estimate`` when the planner's number had to do."""

    number: int
    is_estimate: bool = False


@dataclass(frozen=True)
class Listed:
    """A project, with one of its releases and when that, or in the list of new ones the project, was made."""

    name: str
    normalized_name: str
    version: str
    summary: str | None
    released_at: datetime


@dataclass(frozen=True)
class Contents:
    """What is in the index."""

    projects: Count
    releases: Count
    files: Count
    people: Count
    latest: Sequence[Listed]
    newest: Sequence[Listed]


@dataclass(frozen=True)
class HomePage:
    """The page. ``contents`` is None for visitors who may not read the index."""

    host: str
    contents: Contents | None
    commands: Commands
    lacks_administrator: bool
    shown_at: datetime

    @property
    def is_large(self) -> bool:
        """Whether people come to look for something, rather than to make a beginning."""
        return self.contents is not None and self.contents.projects.number > FEW


def home_page(work: Work, base_url: str) -> HomePage:
    """The home page as this actor may see it: four queries however large the index is."""
    may_read = work.settings.access.read == "everyone" or allowed(work.actor, Permission.READ_INDEX)
    return HomePage(
        host=urlsplit(base_url).netloc,
        contents=_contents(work.db) if may_read else None,
        commands=commands_for(work.settings, base_url),
        lacks_administrator=not any_administrator(work.db),
        shown_at=work.now,
    )


def _contents(db: Session) -> Contents:
    counts = select(_count(Project), _count(Release), _count(File), _count(User))
    projects, releases, files, people = map(_judged, db.execute(counts).one())
    return Contents(projects, releases, files, people, _latest(db), _newest(db))


def _count(table: type[Project | Release | File | User]) -> ColumnElement[int]:
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


def _latest(db: Session) -> list[Listed]:
    query = (
        select(Project.name, Project.normalized_name, Release.version, Release.summary, Release.created_at)
        .join(Project, Project.id == Release.project_id)
        .where(Project.status != ProjectStatus.QUARANTINED.value, Release.is_quarantined == false())
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(LOOKED_AT)
    )
    by_project: dict[str, Listed] = {}
    for row in db.execute(query):
        by_project.setdefault(row.normalized_name, Listed(*row))
    return list(by_project.values())[:SHOWN]


def _newest(db: Session) -> list[Listed]:
    newest = (
        select(Release.version, Release.summary)
        .where(Release.project_id == Project.id, ~Release.is_quarantined)
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
        .lateral("newest")
    )
    query = (
        select(Project.name, Project.normalized_name, newest.c.version, newest.c.summary, Project.created_at)
        .join(newest, true())
        .where(Project.status != ProjectStatus.QUARANTINED.value)
        .order_by(Project.created_at.desc(), Project.id.desc())
        .limit(SHOWN)
    )
    return [Listed(*row) for row in db.execute(query)]
