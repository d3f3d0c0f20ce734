"""What the pictures of this index's projects say."""

from __future__ import annotations

from typing import NamedTuple

from warehouse.infra.db import Database

_LATEST = """
    SELECT p.name, r.version, COALESCE(r.summary, '')
    FROM projects p
    JOIN LATERAL (
        SELECT version, summary FROM releases
        WHERE project_id = p.id AND NOT is_quarantined
        ORDER BY yanked_at IS NOT NULL, is_prerelease, version_key DESC
        LIMIT 1
    ) r ON true
    WHERE p.normalized_name = %(name)s AND p.status <> 'quarantined'
"""


class Latest(NamedTuple):
    """A project's latest release."""

    name: str
    version: str
    summary: str


def latest(database: Database, normalized_name: str) -> Latest | None:
    """The release that a project is shown by; None when nothing of it may be shown. One statement."""
    rows = database.rows(_LATEST, {"name": normalized_name})
    return Latest(*rows[0]) if rows else None
