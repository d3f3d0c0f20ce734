"""Projects, releases, files and the people who keep them."""

from warehouse.domain.packaging.advisories import Advisory, ReleaseAdvisory
from warehouse.domain.packaging.contents import Contents
from warehouse.domain.packaging.dependencies import Dependency, DependentCount
from warehouse.domain.packaging.downloads import Download, DownloadDay, DownloadImport, DownloadShare, RecentDownloads
from warehouse.domain.packaging.files import File, FileName
from warehouse.domain.packaging.namespaces import Namespace
from warehouse.domain.packaging.projects import ProhibitedName, Project, ProjectStatus, Role, RoleName
from warehouse.domain.packaging.releases import Description, Release

__all__ = [
    "Advisory",
    "Contents",
    "Dependency",
    "DependentCount",
    "Description",
    "Download",
    "DownloadDay",
    "DownloadImport",
    "DownloadShare",
    "File",
    "FileName",
    "Namespace",
    "ProhibitedName",
    "Project",
    "ProjectStatus",
    "RecentDownloads",
    "Release",
    "ReleaseAdvisory",
    "Role",
    "RoleName",
]
