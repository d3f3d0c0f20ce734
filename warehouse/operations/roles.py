"""Who keeps a project: giving people roles, and taking them away."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project, Role, RoleName
from warehouse.errors import Conflict, NotFound
from warehouse.events import RoleAdded, RoleChanged, RoleRemoved, tell
from warehouse.work import Work


def give_role(work: Work, project: Project, user: User, role: RoleName, *, even_the_last: bool = False) -> None:
    """Make the user an Owner or Maintainer of the project, whatever they were; doing it again changes nothing.

    Refuses with :class:`Conflict` to make a Maintainer of the last Owner, unless ``even_the_last``.
    """
    _hold_people(work, project)
    require(work.actor, Permission.MANAGE_ROLES, project)
    found = _role_of(work, project, user)
    if found is None:
        work.db.add(Role(project_id=project.id, user_id=user.id, role_name=role.value))
        work.db.flush()
        tell(work, RoleAdded(project, user, role))
    elif found.role_name != role.value:
        if not even_the_last:
            _refuse_last_owner(work, project, user, found)
        tell(work, RoleChanged(project, user, RoleName(found.role_name), role))
        found.role_name = role.value


def take_role(work: Work, project: Project, user: User, *, even_the_last: bool = False) -> None:
    """Take the user's role in the project away.

    Refuses with :class:`NotFound` when they have none, and with :class:`Conflict` when they are its last Owner:
    nobody but administrators could give roles any more. That holds for operators too; ``even_the_last`` is for roles
    that somebody else answers for, such as an issuer of single sign-on.
    """
    _hold_people(work, project)
    require(work.actor, Permission.MANAGE_ROLES, project)
    found = _role_of(work, project, user)
    if found is None:
        raise NotFound(
            f"{user.username} has no role in {project.name}. 'warehouse role list {project.name}' shows who has one.",
            code="no_such_role",
        )
    if not even_the_last:
        _refuse_last_owner(work, project, user, found)
    tell(work, RoleRemoved(project, user, RoleName(found.role_name)))
    work.db.delete(found)


def give_if_ownerless(work: Work, project: Project, user: User) -> bool:
    """Make the user the Owner of a project that has none, and tell whether that was so."""
    _hold_people(work, project)
    if any(role == RoleName.OWNER for _, role in collaborators(work.db, project)):
        return False
    give_role(work, project, user, RoleName.OWNER)
    return True


def collaborators(db: Session, project: Project) -> list[tuple[str, str]]:
    """Username and role of everybody who keeps the project: Owners first, then by name."""
    query = (
        select(User.username, Role.role_name)
        .join(User, User.id == Role.user_id)
        .where(Role.project_id == project.id)
        .order_by((Role.role_name == RoleName.OWNER.value).desc(), User.username)
    )
    return [(username, role) for username, role in db.execute(query)]


def _hold_people(work: Work, project: Project) -> None:
    """Keep others from changing the project's people until this work ends: of two last owners one must stay."""
    work.db.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))


def _role_of(work: Work, project: Project, user: User) -> Role | None:
    """The user's role as it is now, and not as it was read before the others were kept out."""
    query = select(Role).where(Role.project_id == project.id, Role.user_id == user.id)
    return work.db.scalar(query, execution_options={"populate_existing": True})


def _refuse_last_owner(work: Work, project: Project, user: User, role: Role) -> None:
    if role.role_name != RoleName.OWNER:
        return
    others = select(Role.id).where(
        Role.project_id == project.id, Role.role_name == RoleName.OWNER.value, Role.id != role.id
    )
    if work.db.scalar(others.limit(1)) is None:
        raise Conflict(
            f"{user.username} is the last owner of {project.name}; give somebody else the role first.",
            code="last_owner",
        )
