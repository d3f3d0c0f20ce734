"""What can happen, and who hears of it: journal, audit trail and mail, in one transaction."""

from warehouse.events.event import Event, tell
from warehouse.events.files import FileAdded, FileRemoved
from warehouse.events.projects import ProjectCreated, ProjectStatusChanged, RoleAdded
from warehouse.events.releases import ReleaseCreated, ReleaseUnyanked, ReleaseYanked
from warehouse.events.users import AdministratorArrived, TokenCreated, TokenRevoked, UserCreated

__all__ = [
    "AdministratorArrived",
    "Event",
    "FileAdded",
    "FileRemoved",
    "ProjectCreated",
    "ProjectStatusChanged",
    "ReleaseCreated",
    "ReleaseUnyanked",
    "ReleaseYanked",
    "RoleAdded",
    "TokenCreated",
    "TokenRevoked",
    "UserCreated",
    "tell",
]
