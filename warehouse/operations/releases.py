"""What can be done to releases."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update

from warehouse.authz import Permission, allowed, require
from warehouse.domain.packaging import File, Project, Release
from warehouse.errors import NotAllowed, NotFound
from warehouse.events import (
    ReleaseQuarantineCleared,
    ReleaseQuarantined,
    ReleaseRemoved,
    ReleaseUnyanked,
    ReleaseYanked,
    tell,
)
from warehouse.operations.projects import hold_project
from warehouse.operations.reasons import sound_reason
from warehouse.standards.versions import canonical
from warehouse.work import Work


def find_release(work: Work, project: Project, version: str) -> Release:
    """The release of this version, however it is spelled."""
    query = select(Release).where(Release.project_id == project.id, Release.canonical_version == canonical(version))
    release = work.db.scalar(query)
    if release is None:
        raise NotFound(f"{project.name} has no release {version}.", code="no_such_release")
    return release


def require_for(work: Work, permission: Permission, project: Project, release: Release) -> None:
    """Refuse with :class:`NotAllowed` unless the actor may do this to the release.

    One in quarantine stays as it was found, except for those who may put it there.
    """
    require(work.actor, permission, project)
    if release.is_quarantined and not allowed(work.actor, Permission.QUARANTINE, project):
        raise NotAllowed(
            f"{project.name} {release.version} is in quarantine; only those who run this index can change it.",
            code="in_quarantine",
        )


def yank_release(work: Work, project: Project, release: Release, *, reason: str = "") -> None:
    """Ask installers to skip this release unless it is pinned exactly (PEP 592).

    Yanking again keeps the first date and takes the new reason.
    """
    require_for(work, Permission.YANK_RELEASE, project, release)
    release.yanked_at = release.yanked_at or work.now
    release.yanked_reason = sound_reason(reason)
    tell(work, ReleaseYanked(project, release))


def unyank_release(work: Work, project: Project, release: Release) -> None:
    """Offer a yanked release again; one that is not yanked stays as it is."""
    require_for(work, Permission.YANK_RELEASE, project, release)
    if release.yanked_at is None:
        return
    release.yanked_at = None
    release.yanked_reason = ""
    tell(work, ReleaseUnyanked(project, release))


def quarantine_release(work: Work, project: Project, release: Release, *, reason: str = "") -> None:
    """Offer nothing of this release any more, as if it did not exist; its siblings stay as they are.

    The reason goes into the audit trail: no page can say it. Doing it again changes nothing.
    """
    require(work.actor, Permission.QUARANTINE, project)
    reason = sound_reason(reason)
    if not release.is_quarantined:
        release.is_quarantined = True
        tell(work, ReleaseQuarantined(project, release, reason))


def clear_release(work: Work, project: Project, release: Release) -> None:
    """Let a release out of quarantine; one that is not in it stays as it is."""
    require(work.actor, Permission.QUARANTINE, project)
    if release.is_quarantined:
        release.is_quarantined = False
        tell(work, ReleaseQuarantineCleared(project, release))


def remove_release(work: Work, project: Project, release: Release) -> None:
    """Take a release out of the index with its files.

    The version may be used again, but the names of its files stay used for ever. The bytes go when the sweeper comes
    by.
    """
    hold_project(work, project)
    require_for(work, Permission.REMOVE_RELEASE, project, release)
    tell(work, ReleaseRemoved(project, release))
    size = select(func.coalesce(func.sum(File.size), 0)).where(File.release_id == release.id).scalar_subquery()
    work.db.execute(update(Project).where(Project.id == project.id).values(total_size=Project.total_size - size))
    work.db.execute(delete(Release).where(Release.id == release.id))
