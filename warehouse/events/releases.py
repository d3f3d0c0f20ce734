"""What happens to releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.journal import Change
from warehouse.domain.packaging import Project, Release
from warehouse.events.event import Event


@dataclass(frozen=True)
class _AboutRelease(Event):
    project: Project
    release: Release

    def about(self) -> Project:
        return self.project

    def version(self) -> str:
        return self.release.version

    def details(self) -> dict[str, Any]:
        return {"version": self.release.version, "canonical_version": self.release.canonical_version}


@dataclass(frozen=True)
class ReleaseCreated(_AboutRelease):
    """The first file of a version arrived."""

    tag = "project:release:add"
    change = Change.RELEASE_CREATED

    def action(self) -> str:
        return "new release"


@dataclass(frozen=True)
class ReleaseYanked(_AboutRelease):
    """Installers shall skip the release unless it is pinned (PEP 592)."""

    tag = "project:release:yank"
    change = Change.RELEASE_YANKED

    def action(self) -> str:
        return "yank release"

    def details(self) -> dict[str, Any]:
        return {**super().details(), "reason": self.release.yanked_reason}


@dataclass(frozen=True)
class ReleaseUnyanked(_AboutRelease):
    """The release is offered again."""

    tag = "project:release:unyank"
    change = Change.RELEASE_UNYANKED

    def action(self) -> str:
        return "unyank release"


@dataclass(frozen=True)
class ReleaseQuarantined(_AboutRelease):
    """A release is held to be unsafe: nothing of it is offered. The reason is for the audit trail only."""

    reason: str

    tag = "project:release:quarantine:enter"
    change = Change.RELEASE_QUARANTINED

    def action(self) -> str:
        return "release quarantined"

    def details(self) -> dict[str, Any]:
        return {**super().details(), "reason": self.reason}


@dataclass(frozen=True)
class ReleaseQuarantineCleared(_AboutRelease):
    """A release that was in quarantine is offered again."""

    tag = "project:release:quarantine:exit"
    change = Change.RELEASE_QUARANTINE_CLEARED

    def action(self) -> str:
        return "release quarantine cleared"


@dataclass(frozen=True)
class ReleaseRemoved(_AboutRelease):
    """A release is gone with its files; their names stay used."""

    tag = "project:release:remove"
    change = Change.RELEASE_REMOVED

    def action(self) -> str:
        return "remove release"
