"""What can be done to projects."""

from __future__ import annotations

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.packaging import Project, ProjectStatus
from warehouse.errors import NotFound
from warehouse.events import ProjectStatusChanged, tell
from warehouse.standards.names import normalize
from warehouse.work import Work


def find_project(work: Work, name: str) -> Project:
    """The project of this name, however it is spelled."""
    project = work.db.scalar(select(Project).where(Project.normalized_name == normalize(name)))
    if project is None:
        raise NotFound(f"There is no project {name!r}.", code="no_such_project")
    return project


def set_project_status(work: Work, project: Project, status: ProjectStatus, *, reason: str | None = None) -> None:
    """Archive, quarantine, deprecate or reactivate a project (PEP 792)."""
    require(work.actor, Permission.SET_PROJECT_STATUS, project)
    project.status = status.value
    project.status_reason = reason
    tell(work, ProjectStatusChanged(project, status.value, reason))
