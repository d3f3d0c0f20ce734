"""What can be done to releases."""

from __future__ import annotations

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.packaging import Project, Release
from warehouse.errors import NotFound
from warehouse.events import ReleaseUnyanked, ReleaseYanked, tell
from warehouse.standards.versions import canonical
from warehouse.work import Work


def find_release(work: Work, project: Project, version: str) -> Release:
    """The release of this version, however it is spelled."""
    query = select(Release).where(Release.project_id == project.id, Release.canonical_version == canonical(version))
    release = work.db.scalar(query)
    if release is None:
        raise NotFound(f"{project.name} has no release {version}.", code="no_such_release")
    return release


def yank_release(work: Work, project: Project, release: Release, *, reason: str = "") -> None:
    """Ask installers to skip this release unless it is pinned exactly (PEP 592).

    Yanking again keeps the first date and takes the new reason.
    """
    require(work.actor, Permission.YANK_RELEASE, project)
    release.yanked_at = release.yanked_at or work.now
    release.yanked_reason = reason
    tell(work, ReleaseYanked(project, release))


def unyank_release(work: Work, project: Project, release: Release) -> None:
    """Offer a yanked release again."""
    require(work.actor, Permission.YANK_RELEASE, project)
    release.yanked_at = None
    release.yanked_reason = ""
    tell(work, ReleaseUnyanked(project, release))
