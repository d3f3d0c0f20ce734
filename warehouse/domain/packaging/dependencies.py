"""The tables of what projects need of one another, kept by a follower of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, TextClause, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base
from warehouse.standards.names import NormalizedName


class Dependency(Base):
    """What the latest version of a project requires: one row for each name and extra.

    Both names are normalized; ``depends_on`` may be no project of this index. ``extra`` is the one that asks for it,
    empty where every installation does. Derived: it may be rebuilt.
    """

    __tablename__ = "dependencies"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    depends_on: Mapped[str] = mapped_column(Text, primary_key=True)
    extra: Mapped[str] = mapped_column(Text, primary_key=True, default="", server_default="")
    specifier: Mapped[str] = mapped_column(Text, default="", server_default="")

    __table_args__ = (Index(None, "depends_on", "normalized_name"),)


class DependentCount(Base):
    """How many projects of this index depend on this name, not counting those that only do with an extra."""

    __tablename__ = "dependent_counts"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Dependent:
    """A project that depends on another: which versions of it, and the latest version of its own.

    ``extras`` are those that ask for it, empty where every installation does; ``downloads`` are those of a month.
    """

    name: str
    normalized_name: str
    summary: str
    specifier: str
    extras: tuple[str, ...]
    version: str
    released_at: datetime
    downloads: int


# Most used first. Of a project that many depend on, those with downloads are met soon in the order of downloads; of one
# that few depend on, these few are sorted. PostgreSQL knows which is shorter.
_USED = """
    SELECT recent.normalized_name, recent.month FROM recent_downloads AS recent
    WHERE recent.month > 0 AND {who}
    ORDER BY recent.month DESC, recent.normalized_name LIMIT :limit OFFSET :offset
"""
_ALL = """
    SELECT one.normalized_name, coalesce(recent.month, 0) AS month
    FROM (SELECT DISTINCT normalized_name FROM dependencies WHERE depends_on = :name) AS one
    LEFT JOIN recent_downloads AS recent USING (normalized_name)
    WHERE {who}
    ORDER BY 2 DESC, 1 LIMIT :limit OFFSET :offset
"""
_ASKS = """
    EXISTS (
        SELECT FROM dependencies
        WHERE depends_on = :name AND normalized_name = {table}.normalized_name AND extra {extra}
    )
"""
_DETAILS = """
    WITH chosen AS MATERIALIZED ({chosen})
    SELECT project.name, project.normalized_name, latest.summary, asked.specifier, asked.extras, latest.version,
        latest.created_at, chosen.month
    FROM chosen JOIN projects AS project USING (normalized_name)
    CROSS JOIN LATERAL (
        SELECT min(specifier) AS specifier, coalesce(array_agg(extra ORDER BY extra), '{{}}') AS extras
        FROM dependencies WHERE normalized_name = project.normalized_name AND depends_on = :name AND extra {extra}
    ) AS asked
    CROSS JOIN LATERAL (
        SELECT version, summary, created_at FROM releases WHERE project_id = project.id AND NOT is_quarantined
        ORDER BY yanked_at IS NOT NULL, is_prerelease, version_key DESC LIMIT 1
    ) AS latest
    WHERE project.status <> 'quarantined'
    ORDER BY chosen.month DESC, project.normalized_name
"""


def _query(chosen: str, table: str, *, only_optional: bool) -> TextClause:
    always, extra = _ASKS.format(table=table, extra="= ''"), _ASKS.format(table=table, extra="<> ''")
    who = f"{extra} AND NOT {always}" if only_optional else always
    return text(_DETAILS.format(chosen=chosen.format(who=who), extra="<> ''" if only_optional else "= ''"))


_QUERIES = {
    only_optional: (
        _query(_USED, "recent", only_optional=only_optional),
        _query(_ALL, "one", only_optional=only_optional),
    )
    for only_optional in (False, True)
}


def dependents_of(
    db: Session, name: NormalizedName, *, limit: int = 10, offset: int = 0, only_optional: bool = False
) -> Sequence[Dependent]:
    """Projects that depend on this one, those downloaded most in the last month first, then by name.

    With ``only_optional`` those that ask for it with some extra and not otherwise. At most two statements. Keep the
    offset small: what comes before it is looked at.
    """
    asked = {"name": name, "limit": limit, "offset": offset}
    used, everybody = _QUERIES[only_optional]
    rows = db.execute(used, asked).all()
    if len(rows) < limit:
        rows = db.execute(everybody, asked).all()
    return [
        Dependent(name, normalized, summary or "", specifier or "", tuple(filter(None, extras)), version, at, month)
        for name, normalized, summary, specifier, extras, version, at, month in rows
    ]


def number_of_dependents(db: Session, name: NormalizedName) -> int:
    """How many projects depend on this one, not counting those that only do with an extra."""
    return db.scalar(select(DependentCount.number).where(DependentCount.normalized_name == name)) or 0
