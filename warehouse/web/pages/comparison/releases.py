"""Two releases as their metadata describes them, and what of it is not the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import or_, select

from warehouse.domain.packaging import Project, ProjectStatus, Release
from warehouse.errors import NotFound
from warehouse.standards.json_api import segment
from warehouse.standards.names import is_valid_name, normalize
from warehouse.standards.versions import canonical
from warehouse.web.language import _
from warehouse.work import Work

MOST_VERSIONS = 2000  # that are offered to choose from


class Described(NamedTuple):
    """A release, with what installers and readers decide by."""

    project: str
    normalized_name: str
    version: str
    canonical_version: str
    version_key: bytes
    requires_python: str | None
    requires_dist: Sequence[str] | None
    license: str | None
    classifiers: Sequence[str] | None


@dataclass(frozen=True)
class Differing:
    """One thing that the metadata of both say: what is only in the old, and what only in the new one."""

    label: str
    gone: Sequence[str]
    come: Sequence[str]


@dataclass(frozen=True)
class Choice:
    """A project's versions, the newest first, and the two that are proposed."""

    project: str
    normalized_name: str
    versions: Sequence[str]
    old: str
    new: str

    @property
    def options(self) -> list[tuple[str, str]]:
        """The versions as a list to choose from takes them."""
        return [(version, version) for version in self.versions]

    @property
    def project_path(self) -> str:
        """Where the project's page is."""
        return f"/project/{segment(self.project)}/"


_COLUMNS = (
    Project.name,
    Project.normalized_name,
    Release.version,
    Release.canonical_version,
    Release.version_key,
    Release.requires_python,
    Release.requires_dist,
    Release.license_expression,
    Release.classifiers,
)
_SHOWN = (
    select(*_COLUMNS)
    .join(Project, Project.id == Release.project_id)
    .where(Project.status != ProjectStatus.QUARANTINED.value, Release.is_quarantined.is_(False))
)


def comparison_path(project: str, old: str, new: str) -> str:
    """Where two releases are compared."""
    return f"/project/{segment(project)}/compare/{segment(old)}...{segment(new)}/"


def require_releases(work: Work, name: str, old: str, new: str) -> tuple[Described, Described]:
    """Two releases of the project, by any spelling of their versions; refuses with :class:`NotFound`."""
    if not work.settings.contents.enabled or not is_valid_name(name) or "\0" in old + new:
        raise _not_found()
    wanted = {canonical(old), canonical(new)}
    spelled = or_(Release.version.in_([old, new]), Release.canonical_version.in_(wanted))
    rows = [
        Described(*row) for row in work.db.execute(_SHOWN.where(Project.normalized_name == normalize(name), spelled))
    ]
    found = [
        next((row for row in rows if row.version == version), None)
        or next((row for row in rows if row.canonical_version == canonical(version)), None)
        for version in (old, new)
    ]
    one, other = found
    if one is None or other is None:
        raise _not_found()
    return one, other


def choice(work: Work, name: str, old: str, new: str) -> Choice:
    """The versions to choose from: what was asked for, else the newest and the one before it."""
    if not work.settings.contents.enabled or not is_valid_name(name):
        raise _not_found()
    query = _SHOWN.where(Project.normalized_name == normalize(name)).order_by(Release.version_key.desc())
    rows = work.db.execute(query.with_only_columns(*_COLUMNS[:3]).limit(MOST_VERSIONS)).all()
    if not rows:
        raise _not_found()
    versions = [version for _, _, version in rows]
    proposed = new if new in versions else versions[0]
    after = versions[versions.index(proposed) + 1 :] or versions
    return Choice(rows[0][0], rows[0][1], versions, old if old in versions else after[0], proposed)


def differing(old: Described, new: Described) -> list[Differing]:
    """What of the metadata is not the same."""
    compared = (
        (_("Requires Python"), _one(old.requires_python), _one(new.requires_python)),
        (_("Requires"), old.requires_dist or (), new.requires_dist or ()),
        (_("License"), _one(old.license), _one(new.license)),
        (_("Classifiers"), old.classifiers or (), new.classifiers or ()),
    )
    return [
        Differing(label, [one for one in before if one not in after], [one for one in after if one not in before])
        for label, before, after in compared
        if set(before) != set(after)
    ]


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _not_found() -> NotFound:
    return NotFound(_("There are no such releases here to be compared."), code="no_such_release")
