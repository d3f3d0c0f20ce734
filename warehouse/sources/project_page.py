"""What the page of a project, or of one of its releases, is made of: four SQL statements however much there is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.standards.names import NormalizedName
from warehouse.standards.versions import canonical

MOST_RELEASES = 5000
"""Releases in a history: the newest ones."""

MOST_FILES = 1000
"""Files of one release that are listed."""


class FoundProject(NamedTuple):
    """A project, and how much it is used. ``latest_version`` is what installers take; there may be none.

    ``dependents`` and the downloads of the last day, week and month before ``counted_until`` are None where nothing
    was counted.
    """

    id: uuid.UUID
    name: str
    normalized_name: str
    status: str
    status_reason: str | None
    created_at: datetime
    latest_version: str | None
    dependents: int | None
    daily_downloads: int | None
    weekly_downloads: int | None
    monthly_downloads: int | None
    counted_until: date | None


class FoundRelease(NamedTuple):
    """The release that is shown, with the description as rendered: ``description`` is None where there is none.

    It is empty until it has been rendered; ``problem`` says why it could not be as what it claims to be.
    """

    id: int
    version: str
    is_prerelease: bool
    is_quarantined: bool
    created_at: datetime
    yanked_at: datetime | None
    yanked_reason: str
    description: str | None
    problem: str | None
    summary: str | None
    author: str | None
    author_email: str | None
    author_email_verified: bool
    maintainer: str | None
    maintainer_email: str | None
    maintainer_email_verified: bool
    license: str | None
    license_expression: str | None
    keywords: Sequence[str] | None
    classifiers: Sequence[str] | None
    home_page: str | None
    home_page_verified: bool
    download_url: str | None
    download_url_verified: bool
    project_urls: Sequence[dict[str, Any]] | None
    requires_python: str | None
    requires_dist: Sequence[str] | None
    provides_extra: Sequence[str] | None
    import_names: Sequence[str] | None


class PastRelease(NamedTuple):
    """One line of a history. ``size`` is the bytes of its ``files``."""

    version: str
    created_at: datetime
    is_yanked: bool
    yanked_reason: str
    is_quarantined: bool
    is_prerelease: bool
    files: int
    size: int


class FoundFile(NamedTuple):
    """A file of the release that is shown."""

    filename: str
    packagetype: str
    size: int
    uploaded_at: datetime
    sha256: str
    blake2_256: str
    uploaded_via: str | None


# Which release is shown where none is named: those in quarantine come last, before them those that were yanked, then
# pre-releases. "Latest" is what installers take: never one of the first two.
_PAGE = text(
    f"""
    SELECT p.id, p.name, p.normalized_name, p.status, p.status_reason, p.created_at,
        (
            SELECT version FROM releases WHERE project_id = p.id AND NOT is_quarantined AND yanked_at IS NULL
            ORDER BY is_prerelease, version_key DESC LIMIT 1
        ),
        (SELECT number FROM dependent_counts WHERE normalized_name = p.normalized_name),
        downloads.day, downloads.week, downloads.month, downloads.as_of,
        r.id, r.version, r.is_prerelease, r.is_quarantined, r.created_at, r.yanked_at, r.yanked_reason,
        d.html, d.problem, {", ".join(f"r.{name}" for name in FoundRelease._fields[9:])}
    FROM projects p
    LEFT JOIN recent_downloads downloads ON downloads.normalized_name = p.normalized_name
    LEFT JOIN releases r ON r.id = (
        SELECT id FROM releases
        WHERE project_id = p.id AND (CAST(:version AS text) IS NULL OR canonical_version = :version)
        ORDER BY is_quarantined, yanked_at IS NOT NULL, is_prerelease, version_key DESC LIMIT 1
    )
    LEFT JOIN descriptions d ON d.release_id = r.id
    WHERE p.normalized_name = :name
    """
)

# Sums of bytes are exact in a double up to 9 PB, and take half the time that they take as numeric.
_HISTORY = text(
    f"""
    SELECT r.version, r.created_at, r.yanked_at IS NOT NULL, r.yanked_reason, r.is_quarantined, r.is_prerelease,
        coalesce(f.files, 0), coalesce(f.size, 0)
    FROM (
        SELECT * FROM releases WHERE project_id = :project ORDER BY version_key DESC LIMIT {MOST_RELEASES}
    ) AS r
    LEFT JOIN (
        SELECT release_id, count(*) AS files, sum(size::float8)::bigint AS size FROM files
        WHERE project_id = :project GROUP BY release_id
    ) AS f ON f.release_id = r.id
    ORDER BY r.version_key DESC
    """
)

_FILES = text(
    f"""
    SELECT {", ".join(FoundFile._fields)} FROM files WHERE release_id = :release ORDER BY id LIMIT {MOST_FILES}
    """
)

_DOWNLOADS = text("""
    SELECT day, number FROM download_shares
    WHERE normalized_name = :name AND by = 'day' AND day >= :since AND day < :until
""")

_NAMES = text("SELECT normalized_name, name FROM projects WHERE normalized_name = ANY(:names)")

_WIDTH = len(FoundProject._fields)


def find(
    db: Session, normalized_name: NormalizedName, version: str | None = None
) -> tuple[FoundProject, FoundRelease | None] | None:
    """The project with the release of this version, in any spelling, or without a version with the one to show.

    None when there is no such project; the release is None when there is none, or not this one.
    """
    asked = {"name": normalized_name, "version": None if version is None else canonical(version)}
    row = db.execute(_PAGE, asked).one_or_none()
    if row is None:
        return None
    release = FoundRelease(*row[_WIDTH:]) if row[_WIDTH] is not None else None
    return FoundProject(*row[:_WIDTH]), release


def history(db: Session, project_id: uuid.UUID) -> list[PastRelease]:
    """All releases up to :data:`MOST_RELEASES`, the greatest version first, also those that were withdrawn."""
    return [PastRelease._make(row) for row in db.execute(_HISTORY, {"project": project_id})]


def files(db: Session, release_id: int) -> list[FoundFile]:
    """The files of a release up to :data:`MOST_FILES`, in the order in which they came."""
    return [FoundFile._make(row) for row in db.execute(_FILES, {"release": release_id})]


def downloads(db: Session, normalized_name: str, since: date, until: date) -> dict[date, int]:
    """How often installers and people downloaded the project on each day before ``until``; not those without any."""
    asked = {"name": normalized_name, "since": since, "until": until}
    return {row[0]: row[1] for row in db.execute(_DOWNLOADS, asked)}


def names_of(db: Session, normalized_names: Iterable[str]) -> dict[str, str]:
    """Those of these names under which there is a project here, each with its own spelling."""
    return {row[0]: row[1] for row in db.execute(_NAMES, {"names": list(normalized_names)})}
