"""What a project is and has, at one glance."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from warehouse.domain.packaging import File, Project, Release, RoleName
from warehouse.operations.roles import collaborators
from warehouse.work import Work


class Overview(NamedTuple):
    """A project in numbers and names. ``size`` is bytes; versions are in ascending order."""

    name: str
    status: str
    reason: str | None
    created_at: datetime
    owners: tuple[str, ...]
    maintainers: tuple[str, ...]
    releases: int
    files: int
    size: int
    yanked: tuple[str, ...]
    quarantined: tuple[str, ...]


def overview(work: Work, project: Project) -> Overview:
    """The project as it is now."""
    people = collaborators(work.db, project)
    releases = work.db.execute(
        select(Release.version, Release.yanked_at, Release.is_quarantined)
        .where(Release.project_id == project.id)
        .order_by(Release.version_key)
    ).all()
    files = select(func.count(), func.coalesce(func.sum(File.size), 0)).where(File.project_id == project.id)
    number, size = work.db.execute(files).one()
    return Overview(
        name=project.name,
        status=project.status,
        reason=project.status_reason,
        created_at=project.created_at,
        owners=tuple(name for name, role in people if role == RoleName.OWNER),
        maintainers=tuple(name for name, role in people if role == RoleName.MAINTAINER),
        releases=len(releases),
        files=number,
        size=int(size),
        yanked=tuple(version for version, yanked_at, _ in releases if yanked_at is not None),
        quarantined=tuple(version for version, _, is_quarantined in releases if is_quarantined),
    )
