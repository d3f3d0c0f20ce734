"""What happens to projects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.domain.journal import Change
from warehouse.domain.packaging import Project, RoleName
from warehouse.events.event import Event


@dataclass(frozen=True)
class ProjectCreated(Event):
    """A name was registered."""

    project: Project
    created_by: str

    tag = "project:create"
    change = Change.PROJECT_CREATED

    def about(self) -> Project:
        return self.project

    def action(self) -> str:
        return "create"

    def details(self) -> dict[str, Any]:
        return {"created_by": self.created_by}


@dataclass(frozen=True)
class RoleAdded(Event):
    """Somebody became a collaborator."""

    project: Project
    user: User
    role: RoleName

    tag = "project:role:add"
    change = Change.PEOPLE_CHANGED

    def about(self) -> Project:
        return self.project

    def also_about(self) -> Iterator[tuple[User, str, dict[str, Any]]]:
        yield self.user, "account:role:add", {"project_name": self.project.name, "role_name": self.role.value}

    def action(self) -> str:
        return f"add {self.role.value} {self.user.username}"

    def details(self) -> dict[str, Any]:
        return {"role_name": self.role.value, "target_user": self.user.username}


@dataclass(frozen=True)
class RoleChanged(Event):
    """A collaborator has another role than before."""

    project: Project
    user: User
    old: RoleName
    new: RoleName

    tag = "project:role:change"
    change = Change.PEOPLE_CHANGED

    def about(self) -> Project:
        return self.project

    def also_about(self) -> Iterator[tuple[User, str, dict[str, Any]]]:
        yield self.user, "account:role:change", {"project_name": self.project.name, "role_name": self.new.value}

    def action(self) -> str:
        return f"change {self.old.value} {self.user.username} to {self.new.value}"

    def details(self) -> dict[str, Any]:
        return {
            "old_role_name": self.old.value,
            "role_name": self.new.value,
            "target_user": self.user.username,
        }


@dataclass(frozen=True)
class RoleRemoved(Event):
    """Somebody is no collaborator any more."""

    project: Project
    user: User
    role: RoleName

    tag = "project:role:remove"
    change = Change.PEOPLE_CHANGED

    def about(self) -> Project:
        return self.project

    def also_about(self) -> Iterator[tuple[User, str, dict[str, Any]]]:
        yield self.user, "account:role:remove", {"project_name": self.project.name, "role_name": self.role.value}

    def action(self) -> str:
        return f"remove {self.role.value} {self.user.username}"

    def details(self) -> dict[str, Any]:
        return {"role_name": self.role.value, "target_user": self.user.username}


@dataclass(frozen=True)
class _StatusChanged(Event):
    """Status and reason (PEP 792) are on the project already.

    The public index writes no journal entry for what is not about quarantine. Ours does, because whatever keeps copies
    of project pages, and a mirror is one, follows the journal; the action is a text of its own that clients which look
    for the older ones pass over.
    """

    project: Project

    change = Change.PROJECT_CHANGED

    def about(self) -> Project:
        return self.project

    def details(self) -> dict[str, Any]:
        return {"status": self.project.status, "reason": self.project.status_reason}


@dataclass(frozen=True)
class ProjectArchived(_StatusChanged):
    """A project takes no new files; what it has stays."""

    tag = "project:archive:enter"

    def action(self) -> str:
        return "project archived"


@dataclass(frozen=True)
class ProjectUnarchived(_StatusChanged):
    """An archived project is active again."""

    tag = "project:archive:exit"

    def action(self) -> str:
        return "project unarchived"


@dataclass(frozen=True)
class ProjectDeprecated(_StatusChanged):
    """A project is said to be obsolete; nothing else about it changes."""

    tag = "project:deprecate:enter"

    def action(self) -> str:
        return "project deprecated"


@dataclass(frozen=True)
class ProjectUndeprecated(_StatusChanged):
    """A deprecated project is active again."""

    tag = "project:deprecate:exit"

    def action(self) -> str:
        return "project undeprecated"


@dataclass(frozen=True)
class ProjectQuarantined(_StatusChanged):
    """A project is held to be unsafe: nothing of it is offered."""

    tag = "project:quarantine:enter"
    change = Change.PROJECT_QUARANTINED

    def action(self) -> str:
        return "project quarantined"


@dataclass(frozen=True)
class ProjectQuarantineCleared(_StatusChanged):
    """A project that was in quarantine is offered again."""

    tag = "project:quarantine:exit"
    change = Change.PROJECT_QUARANTINE_CLEARED

    def action(self) -> str:
        return "project quarantine cleared"


@dataclass(frozen=True)
class StatusReasonChanged(_StatusChanged):
    """A project's status stays, and has another reason."""

    tag = "project:status:reason"

    def action(self) -> str:
        return "project status explained"


@dataclass(frozen=True)
class ProjectRemoved(Event):
    """A project is gone with everything in it; the names of its files stay used."""

    project: Project

    tag = "project:remove"
    change = Change.PROJECT_REMOVED

    def about(self) -> Project:
        return self.project

    def action(self) -> str:
        return "remove project"

    def details(self) -> dict[str, Any]:
        return {"project_name": self.project.name}
