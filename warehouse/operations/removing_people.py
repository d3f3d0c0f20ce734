"""Taking somebody out of the index for good, with what they published."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import ProhibitedUsername, User
from warehouse.domain.packaging import Project, Role
from warehouse.operations.deletion import remove_account
from warehouse.operations.prohibitions import prohibit_username
from warehouse.operations.projects import remove_project
from warehouse.work import Work

COMMENT = "deleted by staff"


def remove_user(work: Work, user: User, *, with_projects: bool = False) -> Sequence[str]:
    """Delete the account and let nobody register its name; the names of the projects that went with it.

    ``with_projects`` removes every project in which the user has a role, whoever else has one, as for somebody who came
    to publish malware. Without it this refuses with :class:`Conflict` as :func:`remove_account` does: nobody is to be
    left with a project that nobody owns.
    """
    require(work.actor, Permission.DELETE_USER, user)
    removed = projects_with_role(work, user) if with_projects else []
    for project in removed:
        remove_project(work, project)
    if work.db.get(ProhibitedUsername, user.username.lower()) is None:
        prohibit_username(work, user.username, comment=COMMENT)
    remove_account(work, user)
    return [project.name for project in removed]


def projects_with_role(work: Work, user: User) -> Sequence[Project]:
    """The projects in which the user has a role, by name."""
    query = (
        select(Project)
        .join(Role, Role.project_id == Project.id)
        .where(Role.user_id == user.id)
        .order_by(Project.normalized_name)
    )
    return list(work.db.scalars(query))
