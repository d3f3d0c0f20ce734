"""The questions that grants are made of: short, and each about one thing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import object_session

from warehouse.domain.packaging import Project, ProjectStatus, Role, RoleName
from warehouse.work import Actor, ActorKind

_REMEMBERED = "roles that were read together with their projects"


def is_signed_in(actor: Actor, resource: Any) -> bool:
    """Somebody with an account."""
    return actor.kind is ActorKind.USER


def is_operator(actor: Actor, resource: Any) -> bool:
    """Whoever runs the machine, and the index itself."""
    return actor.kind in (ActorKind.OPERATOR, ActorKind.SYSTEM)


def is_administrator(actor: Actor, resource: Any) -> bool:
    """An administrator of the instance."""
    return actor.is_administrator


def is_moderator(actor: Actor, resource: Any) -> bool:
    """A moderator of the instance."""
    return actor.is_moderator or actor.is_administrator


def is_oneself(actor: Actor, user: Any) -> bool:
    """The account in question is the actor's own."""
    return actor.user_id is not None and actor.user_id == user.id


def bears_a_token(actor: Actor, resource: Any) -> bool:
    """The actor came with an API token, and not by signing in."""
    return actor.credential is not None


def is_owner(actor: Actor, project: Project) -> bool:
    """An Owner of the project."""
    return _role(actor, project) == RoleName.OWNER


def is_collaborator(actor: Actor, project: Project) -> bool:
    """An Owner or Maintainer of the project."""
    return _role(actor, project) is not None


def has_owner(actor: Actor, project: Project) -> bool:
    """Somebody is an Owner of the project, whoever it is."""
    db = object_session(project)
    owners = exists().where(Role.project_id == project.id, Role.role_name == RoleName.OWNER.value)
    return db is not None and bool(db.scalar(select(owners)))


def takes_uploads(actor: Actor, project: Project) -> bool:
    """PEP 792: archived and quarantined projects must not accept new files."""
    return project.status not in (ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED)


def not_quarantined(actor: Actor, project: Project) -> bool:
    """A project in quarantine stays as it was found."""
    return project.status != ProjectStatus.QUARANTINED


def remember_role(actor: Actor, project: Project, role_name: str | None) -> None:
    """Spare the question about this role its query, for the rest of the transaction.

    For operations that read the role together with the project and change no roles.
    """
    if (db := object_session(project)) is not None:
        db.info.setdefault(_REMEMBERED, {})[project.id, actor.user_id] = role_name


def _role(actor: Actor, project: Project) -> str | None:
    db = object_session(project)
    if db is None or actor.user_id is None:
        return None
    remembered = db.info.get(_REMEMBERED, {})
    if (project.id, actor.user_id) in remembered:
        return remembered[project.id, actor.user_id]
    query = select(Role.role_name).where(Role.project_id == project.id, Role.user_id == actor.user_id)
    return db.scalar(query)
