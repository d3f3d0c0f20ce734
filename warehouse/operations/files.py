"""What can be done to files."""

from __future__ import annotations

from sqlalchemy import select, update

from warehouse.authz import Permission, require
from warehouse.domain.packaging import File, Project, Release
from warehouse.errors import NotFound
from warehouse.events import FileRemoved, tell
from warehouse.operations.projects import hold_project
from warehouse.operations.releases import require_for
from warehouse.work import Work


def remove_file(work: Work, project: Project, filename: str) -> None:
    """Take a file out of the index. Its name stays used for ever, and its bytes until the sweeper comes by.

    The release stays, also without files.
    """
    hold_project(work, project)
    require(work.actor, Permission.REMOVE_FILE, project)
    query = (
        select(File, Release)
        .join(Release, Release.id == File.release_id)
        .where(File.project_id == project.id, File.filename == filename)
    )
    found = work.db.execute(query).first()
    if found is None:
        raise NotFound(f"{project.name} has no file {filename!r}.", code="no_such_file")
    file, release = found
    require_for(work, Permission.REMOVE_FILE, project, release)
    tell(work, FileRemoved(project, release, file))
    work.db.delete(file)
    work.db.execute(update(Project).where(Project.id == project.id).values(total_size=Project.total_size - file.size))
