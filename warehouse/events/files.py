"""What happens to files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.journal import Change
from warehouse.domain.packaging import File, Project, Release
from warehouse.events.event import Event


@dataclass(frozen=True)
class _AboutFile(Event):
    project: Project
    release: Release
    file: File

    def about(self) -> Project:
        return self.project

    def version(self) -> str:
        return self.release.version

    def details(self) -> dict[str, Any]:
        return {"filename": self.file.filename, "canonical_version": self.release.canonical_version}


@dataclass(frozen=True)
class FileAdded(_AboutFile):
    """A file was accepted."""

    tag = "file:add"
    change = Change.FILE_ADDED

    def action(self) -> str:
        return f"add {self.file.python_version} file {self.file.filename}"


@dataclass(frozen=True)
class FileRemoved(_AboutFile):
    """A file was taken out; its name stays used."""

    tag = "file:remove"
    change = Change.FILE_REMOVED

    def action(self) -> str:
        return f"remove file {self.file.filename}"
