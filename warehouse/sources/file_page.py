"""What the page of one file is made of: one SQL statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.standards.names import NormalizedName


class FoundFile(NamedTuple):
    """A file, with what its release and its project say of it; ``latest_version`` is what installers take."""

    name: str
    normalized_name: str
    status: str
    status_reason: str | None
    version: str
    is_prerelease: bool
    is_quarantined: bool
    yanked_at: datetime | None
    yanked_reason: str
    license_expression: str | None
    license_files: Sequence[str] | None
    filename: str
    packagetype: str
    size: int
    uploaded_at: datetime
    uploaded_via: str | None
    requires_python: str | None
    md5: str
    sha256: str
    blake2_256: str
    metadata_sha256: str | None
    sboms: Sequence[str] | None
    latest_version: str | None


# Found by its name alone, which no two files share; that it belongs to the project is the second question.
_FILE = text(
    f"""
    SELECT {", ".join(f"p.{name}" for name in FoundFile._fields[:4])},
        {", ".join(f"r.{name}" for name in FoundFile._fields[4:11])},
        {", ".join(f"f.{name}" for name in FoundFile._fields[11:22])},
        (
            SELECT version FROM releases WHERE project_id = p.id AND NOT is_quarantined AND yanked_at IS NULL
            ORDER BY is_prerelease, version_key DESC LIMIT 1
        )
    FROM files f JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = f.project_id
    WHERE f.filename = :filename AND p.normalized_name = :name
    """
)


def find(db: Session, normalized_name: NormalizedName, filename: str) -> FoundFile | None:
    """The file of this project; None when it has none of this name."""
    row = db.execute(_FILE, {"name": normalized_name, "filename": filename}).one_or_none()
    return FoundFile(*row) if row is not None else None
