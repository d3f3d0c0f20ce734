"""What the list of one's own projects shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.accounts import User
from warehouse.domain.packaging import ProjectStatus
from warehouse.domain.packaging.collaborations import Collaboration, projects_of
from warehouse.work import Work

PROJECTS = 100  # on one page


@dataclass(frozen=True)
class ProjectsPage:
    """One page of the projects: those that go on, and those that are archived."""

    live: Sequence[Collaboration]
    archived: Sequence[Collaboration]
    number: int
    has_more: bool
    shown_at: datetime


def projects_page(work: Work, user: User, number: int) -> ProjectsPage:
    """One query however many projects there are."""
    found = projects_of(work.db, user.id, limit=PROJECTS + 1, offset=(number - 1) * PROJECTS)
    shown = found[:PROJECTS]
    return ProjectsPage(
        live=[project for project in shown if project.status != ProjectStatus.ARCHIVED],
        archived=[project for project in shown if project.status == ProjectStatus.ARCHIVED],
        number=number,
        has_more=len(found) > PROJECTS,
        shown_at=work.now,
    )
