"""The projects that somebody keeps."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, aliased

from warehouse.domain.packaging.projects import Project, ProjectStatus, Role, RoleName
from warehouse.domain.packaging.releases import Release


class Collaboration(NamedTuple):
    """A project with what somebody is to it. The release is the newest one that is offered; there may be none."""

    name: str
    normalized_name: str
    status: str
    status_reason: str | None
    role: str
    owners: int
    created_at: datetime
    version: str | None
    released_at: datetime | None
    summary: str | None

    @property
    def is_sole_owner(self) -> bool:
        """Nobody else could give people roles."""
        return self.role == RoleName.OWNER and self.owners == 1


def projects_of(
    db: Session, user_id: uuid.UUID, *, limit: int, offset: int = 0, shown_to_all: bool = False
) -> list[Collaboration]:
    """The projects in which a user has a role: archived ones last, otherwise the one released to last first.

    With ``shown_to_all`` only those with a release, and none in quarantine. One query, which looks at the newest
    release of each project by an index.
    """
    newest = (
        select(Release.version, Release.created_at, Release.summary)
        .where(Release.project_id == Project.id, ~Release.is_quarantined)
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
        .lateral("newest")
    )
    owner = aliased(Role)
    owners = (
        select(func.count())
        .where(owner.project_id == Project.id, owner.role_name == RoleName.OWNER.value)
        .scalar_subquery()
    )
    query = (
        select(
            Project.name,
            Project.normalized_name,
            Project.status,
            Project.status_reason,
            Role.role_name,
            owners,
            Project.created_at,
            newest.c.version,
            newest.c.created_at,
            newest.c.summary,
        )
        .join(Role, Role.project_id == Project.id)
        .join(newest, true(), isouter=not shown_to_all)
        .where(Role.user_id == user_id)
        .order_by(
            Project.status == ProjectStatus.ARCHIVED.value,
            func.coalesce(newest.c.created_at, Project.created_at).desc(),
            Project.normalized_name,
        )
        .limit(limit)
        .offset(offset)
    )
    if shown_to_all:
        query = query.where(Project.status != ProjectStatus.QUARANTINED.value)
    return [Collaboration(*row) for row in db.execute(query)]


def names_of_projects_of(db: Session, user_id: uuid.UUID) -> Sequence[str]:
    """The normalized names of all projects in which a user has a role."""
    return db.scalars(
        select(Project.normalized_name).join(Role, Role.project_id == Project.id).where(Role.user_id == user_id)
    ).all()
