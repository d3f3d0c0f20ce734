"""Projects, releases, files and the people who keep them."""

from warehouse.domain.packaging.files import File, FileName
from warehouse.domain.packaging.namespaces import Namespace
from warehouse.domain.packaging.projects import ProhibitedName, Project, ProjectStatus, Role, RoleName
from warehouse.domain.packaging.releases import Description, Release

__all__ = [
    "Description",
    "File",
    "FileName",
    "Namespace",
    "ProhibitedName",
    "Project",
    "ProjectStatus",
    "Release",
    "Role",
    "RoleName",
]
