"""What can be done to projects."""

from __future__ import annotations

from sqlalchemy import delete, select

from warehouse.authz import Permission, allowed, require
from warehouse.domain.packaging import Project, ProjectStatus, Release
from warehouse.errors import Conflict, NotAllowed, NotFound
from warehouse.events import (
    Event,
    ProjectArchived,
    ProjectDeprecated,
    ProjectQuarantineCleared,
    ProjectQuarantined,
    ProjectRemoved,
    ProjectUnarchived,
    ProjectUndeprecated,
    StatusReasonChanged,
    tell,
)
from warehouse.operations.moderating_people import freeze_collaborators
from warehouse.operations.reasons import sound_reason
from warehouse.standards.names import is_valid_name, normalize
from warehouse.work import Work

ENTERED = {
    ProjectStatus.ARCHIVED: ProjectArchived,
    ProjectStatus.DEPRECATED: ProjectDeprecated,
    ProjectStatus.QUARANTINED: ProjectQuarantined,
}
LEFT = {
    ProjectStatus.ARCHIVED: ProjectUnarchived,
    ProjectStatus.DEPRECATED: ProjectUndeprecated,
    ProjectStatus.QUARANTINED: ProjectQuarantineCleared,
}


def find_project(work: Work, name: str) -> Project:
    """The project of this name, however it is spelled."""
    query = select(Project).where(Project.normalized_name == normalize(name))
    project = work.db.scalar(query) if is_valid_name(name) else None
    if project is None:
        raise NotFound(f"There is no project {name!r}.", code="no_such_project")
    return project


def hold_project(work: Work, project: Project) -> None:
    """Keep uploads and others who change the project away until this work ends, and read it as it is now."""
    query = select(Project).where(Project.id == project.id).with_for_update()
    if work.db.scalar(query, execution_options={"populate_existing": True}) is None:
        raise NotFound(f"There is no project {project.name!r}.", code="no_such_project")


def set_project_status(work: Work, project: Project, status: ProjectStatus, *, reason: str | None = None) -> None:
    """Archive, deprecate, quarantine or reactivate a project, and say why (PEP 792).

    The status it has already keeps its reason unless another one is given, and an empty one takes the reason away;
    when nothing changes nobody is told. Refuses with :class:`Conflict` to archive or deprecate what is in quarantine:
    that would offer its files again. Quarantine freezes everybody with a role in the project, whose accounts may be in
    the wrong hands; its end unfreezes nobody.
    """
    hold_project(work, project)
    former = ProjectStatus(project.status)
    is_about_quarantine = ProjectStatus.QUARANTINED in (former, status)
    require(work.actor, Permission.QUARANTINE if is_about_quarantine else Permission.SET_PROJECT_STATUS, project)
    if former is ProjectStatus.QUARANTINED and status in (ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED):
        raise Conflict(
            f"{project.name} is in quarantine. 'warehouse project activate {project.name}' clears it first.",
            code="in_quarantine",
        )
    if reason is not None:
        reason = sound_reason(reason) or None
    elif status is former:
        reason = project.status_reason
    if (status.value, reason) == (project.status, project.status_reason):
        return
    project.status, project.status_reason = status.value, reason
    if status is ProjectStatus.QUARANTINED and former is not status:
        freeze_collaborators(work, project, reason=f"quarantine of {project.name}")
    tell(work, _news(project, former, status))


def remove_project(work: Work, project: Project) -> None:
    """Take a project out of the index with its releases, files and roles.

    Anybody may register its name then, but the names of its files stay used for ever. The bytes go when the sweeper
    comes by. A project with a release in quarantine stays, except for those who may put it there: see
    :func:`warehouse.operations.releases.require_for`.
    """
    hold_project(work, project)
    require(work.actor, Permission.REMOVE_PROJECT, project)
    held = select(Release.version).where(Release.project_id == project.id, Release.is_quarantined).limit(1)
    if not allowed(work.actor, Permission.QUARANTINE, project) and (version := work.db.scalar(held)) is not None:
        raise NotAllowed(
            f"{project.name} {version} is in quarantine; only those who run this index can remove the project.",
            code="in_quarantine",
        )
    tell(work, ProjectRemoved(project))
    work.db.execute(delete(Project).where(Project.id == project.id))


def _news(project: Project, former: ProjectStatus, status: ProjectStatus) -> Event:
    if status is former:
        return StatusReasonChanged(project)
    return ENTERED[status](project) if status in ENTERED else LEFT[former](project)
