"""The Simple API as pure code (PEP 503, 691 and their amendments): pages and the root list, in HTML and JSON."""

from warehouse.standards.simple.html import project_html
from warehouse.standards.simple.json import project_json
from warehouse.standards.simple.model import API_VERSION, API_VERSION_WITH_NAMESPACES, FileEntry, ProjectPage
from warehouse.standards.simple.root import RootList

__all__ = [
    "API_VERSION",
    "API_VERSION_WITH_NAMESPACES",
    "FileEntry",
    "ProjectPage",
    "RootList",
    "project_html",
    "project_json",
]
