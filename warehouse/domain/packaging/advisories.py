"""The tables of what is known to be wrong with releases, and what they say of a project."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Text, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.domain.packaging.releases import Release
from warehouse.infra.db import Base
from warehouse.standards.osv import page_of


class Advisory(Base):
    """What a database of vulnerabilities says about one project.

    ``source`` is the database (``osv``), ``identifier`` what it calls the vulnerability, ``aliases`` what others do.
    ``fixed_in`` are the versions that have it no more. One that was withdrawn was a mistake.
    """

    __tablename__ = "advisories"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(Text)
    identifier: Mapped[str] = mapped_column(Text, index=True)
    link: Mapped[str | None] = mapped_column(Text)
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    summary: Mapped[str | None] = mapped_column(Text)
    details: Mapped[str | None] = mapped_column(Text)
    fixed_in: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (UniqueConstraint("project_id", "source", "identifier"),)


class ReleaseAdvisory(Base):
    """That a release has the vulnerability."""

    __tablename__ = "release_advisories"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    advisory_id: Mapped[int] = mapped_column(
        ForeignKey("advisories.id", ondelete="CASCADE"), primary_key=True, index=True
    )


@dataclass(frozen=True)
class Known:
    """An advisory as a page shows it, with the versions of the releases that it is about, oldest first."""

    source: str
    identifier: str
    link: str | None
    aliases: tuple[str, ...]
    summary: str | None
    details: str | None
    fixed_in: tuple[str, ...]
    withdrawn_at: datetime | None
    versions: tuple[str, ...]

    @property
    def also_called(self) -> list[tuple[str, str]]:
        """Each alias with the address of its page, empty where none is known."""
        return [(alias, page_of(alias)) for alias in self.aliases]


def advisories_of(db: Session, project_id: uuid.UUID) -> Sequence[Known]:
    """All that is known of the project's releases, by identifier; one statement."""
    in_order = func.array_agg(aggregate_order_by(Release.version, Release.version_key))
    affected = in_order.filter(Release.id.is_not(None))
    query = (
        select(
            Advisory.source,
            Advisory.identifier,
            Advisory.link,
            Advisory.aliases,
            Advisory.summary,
            Advisory.details,
            Advisory.fixed_in,
            Advisory.withdrawn_at,
            affected,
        )
        .outerjoin(ReleaseAdvisory, ReleaseAdvisory.advisory_id == Advisory.id)
        .outerjoin(Release, Release.id == ReleaseAdvisory.release_id)
        .where(Advisory.project_id == project_id)
        .group_by(Advisory.id)
        .order_by(Advisory.identifier, Advisory.source)
    )
    return [
        Known(
            *(source, identifier, link, tuple(aliases)),
            *(summary, details, tuple(fixed_in), withdrawn_at),
            tuple(versions or ()),
        )
        for source, identifier, link, aliases, summary, details, fixed_in, withdrawn_at, versions in db.execute(query)
    ]
