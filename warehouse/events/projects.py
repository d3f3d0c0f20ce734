"""What happens to projects."""

from __future__ import annotations

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

    def action(self) -> str:
        return f"remove {self.role.value} {self.user.username}"

    def details(self) -> dict[str, Any]:
        return {"role_name": self.role.value, "target_user": self.user.username}


@dataclass(frozen=True)
class ProjectStatusChanged(Event):
    """A project was archived, quarantined, deprecated or made active again (PEP 792)."""

    project: Project
    status: str
    reason: str | None

    tag = "project:status:change"
    change = Change.PROJECT_CHANGED

    def about(self) -> Project:
        return self.project

    def action(self) -> str:
        return f"project {self.status}"

    def details(self) -> dict[str, Any]:
        return {"status": self.status, "reason": self.reason}
