"""The Simple API as pure code (PEP 503, 691 and their amendments): pages and the root list, in HTML and JSON."""

from warehouse.standards.simple.html import project_html
from warehouse.standards.simple.json import project_json
from warehouse.standards.simple.model import FileEntry, ProjectPage
from warehouse.standards.simple.root import RootList

__all__ = ["FileEntry", "ProjectPage", "RootList", "project_html", "project_json"]
