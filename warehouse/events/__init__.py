"""What can happen, and who hears of it: journal and audit trail, in one transaction."""

from warehouse.events.accounts import (
    AdministratorArrived,
    PasswordSet,
    UserCreated,
)
from warehouse.events.event import Event, tell
from warehouse.events.files import FileAdded, FileRemoved
from warehouse.events.namespaces import NamespaceGranted, NamespaceRevoked
from warehouse.events.profile import ProfileChanged
from warehouse.events.projects import (
    ProjectArchived,
    ProjectCreated,
    ProjectDeprecated,
    ProjectQuarantineCleared,
    ProjectQuarantined,
    ProjectRemoved,
    ProjectUnarchived,
    ProjectUndeprecated,
    RoleAdded,
    RoleChanged,
    RoleRemoved,
    StatusReasonChanged,
)
from warehouse.events.releases import (
    ReleaseCreated,
    ReleaseQuarantineCleared,
    ReleaseQuarantined,
    ReleaseRemoved,
    ReleaseUnyanked,
    ReleaseYanked,
)
from warehouse.events.site import FlagThrown
from warehouse.events.staff import (
    AccountFrozen,
    AccountUnfrozen,
    AddressBanned,
    AddressUnbanned,
    PasswordDisabledByStaff,
    StaffRestricted,
    StaffRoleChanged,
)
from warehouse.events.tokens import ProjectTokenCreated, ProjectTokenRevoked, TokenCreated, TokenRevoked

__all__ = [
    "AccountFrozen",
    "AccountUnfrozen",
    "AddressBanned",
    "AddressUnbanned",
    "AdministratorArrived",
    "Event",
    "FileAdded",
    "FileRemoved",
    "FlagThrown",
    "NamespaceGranted",
    "NamespaceRevoked",
    "PasswordDisabledByStaff",
    "PasswordSet",
    "ProfileChanged",
    "ProjectArchived",
    "ProjectCreated",
    "ProjectDeprecated",
    "ProjectQuarantineCleared",
    "ProjectQuarantined",
    "ProjectRemoved",
    "ProjectTokenCreated",
    "ProjectTokenRevoked",
    "ProjectUnarchived",
    "ProjectUndeprecated",
    "ReleaseCreated",
    "ReleaseQuarantineCleared",
    "ReleaseQuarantined",
    "ReleaseRemoved",
    "ReleaseUnyanked",
    "ReleaseYanked",
    "RoleAdded",
    "RoleChanged",
    "RoleRemoved",
    "StaffRestricted",
    "StaffRoleChanged",
    "StatusReasonChanged",
    "TokenCreated",
    "TokenRevoked",
    "UserCreated",
    "tell",
]
