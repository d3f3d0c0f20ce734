"""What can happen, and who hears of it: journal and audit trail, in one transaction."""

from warehouse.events.accounts import (
    AccountFrozen,
    AccountUnfrozen,
    AdministratorArrived,
    PasswordSet,
    TokenCreated,
    TokenRevoked,
    UserCreated,
)
from warehouse.events.event import Event, tell
from warehouse.events.files import FileAdded, FileRemoved
from warehouse.events.projects import ProjectCreated, ProjectStatusChanged, RoleAdded, RoleChanged, RoleRemoved
from warehouse.events.releases import ReleaseCreated, ReleaseUnyanked, ReleaseYanked

__all__ = [
    "AccountFrozen",
    "AccountUnfrozen",
    "AdministratorArrived",
    "Event",
    "FileAdded",
    "FileRemoved",
    "PasswordSet",
    "ProjectCreated",
    "ProjectStatusChanged",
    "ReleaseCreated",
    "ReleaseUnyanked",
    "ReleaseYanked",
    "RoleAdded",
    "RoleChanged",
    "RoleRemoved",
    "TokenCreated",
    "TokenRevoked",
    "UserCreated",
    "tell",
]
