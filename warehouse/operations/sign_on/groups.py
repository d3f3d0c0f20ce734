"""Roles by groups: given while an issuer counts somebody among a group, and taken away when it no longer does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import select

from warehouse.domain.accounts import GroupRole, User
from warehouse.domain.packaging import Project, Role, RoleName
from warehouse.domain.site.mirror import standing
from warehouse.errors import Conflict
from warehouse.events import GroupRolesChanged, tell
from warehouse.operations.moderating_people import StaffRole, appoint, dismiss
from warehouse.operations.roles import give_role, take_role
from warehouse.standards.names import normalize
from warehouse.work import SYSTEM, Work


def apply_groups(
    work: Work, user: User, issuer: str, groups: Collection[str], roles: Mapping[str, Collection[str]]
) -> None:
    """Give the user the roles of these groups, and take away what groups of this issuer gave and give no more.

    A role that the user has already stays as it is, and stays when the group is gone: people gave it. The last
    administrator stays one, since otherwise the link of the first start would make one of whoever finds it.
    """
    work = replace(work, actor=replace(SYSTEM, address=work.actor.address, user_agent=work.actor.user_agent))
    # Of two browsers that come at once the second has to see what the first was given.
    work.db.execute(select(User.id).where(User.id == user.id).with_for_update())
    wanted = _wanted(groups, roles)
    query = select(GroupRole).where(GroupRole.user_id == user.id, GroupRole.issuer == issuer)
    given_before = {row.role: row for row in work.db.scalars(query.execution_options(populate_existing=True))}
    taken = [role for role, row in sorted(given_before.items()) if role not in wanted and _take(work, user, row)]
    given = [role for role in sorted(wanted) if _give(work, user, issuer, role, given_before.get(role))]
    if given or taken:
        tell(work, GroupRolesChanged(user, issuer, tuple(given), tuple(taken)))


def _wanted(groups: Collection[str], roles: Mapping[str, Collection[str]]) -> set[str]:
    """The roles, projects by their normal names; of two in one project the greater."""
    wanted = {_plain(role) for group in groups for role in roles.get(group, ())}
    return wanted - {
        role.replace(":Owner", ":Maintainer")
        for role in wanted
        if role.startswith("project:") and role.endswith(":Owner")
    }


def _plain(role: str) -> str:
    kind, _, rest = role.partition(":")
    if kind != "project":
        return role
    name, _, role_name = rest.rpartition(":")
    return f"project:{normalize(name)}:{role_name}"


def _give(work: Work, user: User, issuer: str, role: str, before: GroupRole | None) -> bool:
    """Whether the user has the role now and had not; a project that does not exist yet is for another time."""
    if not role.startswith("project:"):
        if getattr(user, f"is_{role}"):
            return False
        appoint(work, user, StaffRole(role))
        instead_of = None
    else:
        project, role_name = _project_role(work, role)
        if project is None or standing(work.db).origin is not None:
            return False
        present = _present(work, user, project)
        if present in (role_name, RoleName.OWNER):
            return False
        give_role(work, project, user, role_name)
        instead_of = present.value if present is not None else None
    if before is None:
        work.db.add(GroupRole(user_id=user.id, issuer=issuer, role=role, instead_of=instead_of, given_at=work.now))
    return True


def _take(work: Work, user: User, row: GroupRole) -> bool:
    """Whether the user had the role and has it no more."""
    if not row.role.startswith("project:"):
        try:
            dismiss(work, user, StaffRole(row.role))
        except Conflict:  # the last administrator; asked again the next time they come
            return False
        work.db.delete(row)
        return True
    project, role_name = _project_role(work, row.role)
    if standing(work.db).origin is not None:
        return False
    work.db.delete(row)
    if project is None or _present(work, user, project) is not role_name:
        return False
    if row.instead_of is not None:
        give_role(work, project, user, RoleName(row.instead_of), even_the_last=True)
    else:
        take_role(work, project, user, even_the_last=True)
    return True


def _project_role(work: Work, role: str) -> tuple[Project | None, RoleName]:
    name, _, role_name = role.removeprefix("project:").rpartition(":")
    return work.db.scalar(select(Project).where(Project.normalized_name == name)), RoleName(role_name)


def _present(work: Work, user: User, project: Project) -> RoleName | None:
    query = select(Role.role_name).where(Role.project_id == project.id, Role.user_id == user.id)
    found = work.db.scalar(query)
    return RoleName(found) if found is not None else None
