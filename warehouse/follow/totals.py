"""What each project adds up to follows the journal: releases, files, bytes and the latest version."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

from sqlalchemy import delete, exists, select, text
from sqlalchemy.orm import Session

from warehouse.domain.packaging import Project
from warehouse.domain.packaging.totals import ProjectTotals
from warehouse.infra.db import allow_statements
from warehouse.work import Work

_COMPUTE = """
    INSERT INTO project_totals (normalized_name, releases, files, size, latest_version, updated_serial)
    SELECT
        project.normalized_name,
        (SELECT count(*) FROM releases WHERE project_id = project.id),
        file.number,
        file.size,
        (
            SELECT version FROM releases WHERE project_id = project.id AND NOT is_quarantined
            ORDER BY yanked_at IS NOT NULL, is_prerelease, version_key DESC LIMIT 1
        ),
        coalesce(newest.serial, 0)
    FROM projects AS project
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, coalesce(sum(size), 0) AS size FROM files WHERE project_id = project.id
    ) AS file
    LEFT JOIN project_serials AS newest USING (normalized_name)
"""
_COMPUTE_SOME = text(f"""
    {_COMPUTE}
    WHERE project.normalized_name = ANY(:names)
    ON CONFLICT (normalized_name) DO UPDATE SET
        releases = excluded.releases, files = excluded.files, size = excluded.size,
        latest_version = excluded.latest_version, updated_serial = excluded.updated_serial
""")
_COMPUTE_ALL = text(_COMPUTE)

_SIZE_OF_SOME = text("SELECT coalesce(sum(size), 0) FROM project_totals WHERE normalized_name = ANY(:names)")
_GROW = text("""
    INSERT INTO index_totals (size) VALUES (:size)
    ON CONFLICT (is_the_only_one) DO UPDATE SET size = index_totals.size + excluded.size
""")
_ADD_UP = text("""
    INSERT INTO index_totals (size) SELECT coalesce(sum(size), 0) FROM project_totals
    ON CONFLICT (is_the_only_one) DO UPDATE SET size = excluded.size
""")


class TotalsFollower:
    """Keeps :class:`ProjectTotals`, computed from the present for each name that the journal mentions, and their sum.

    Nobody else writes these tables, and whoever does holds the cursor: what the names held before and what they hold
    now is the difference that they make to the sum.
    """

    name = "totals"

    def apply(self, work: Work, names: Set[str]) -> None:
        """Compute the rows of these names; a project that is gone loses its row."""
        db = work.db
        listed = {"names": sorted(names)}
        before = db.scalar(_SIZE_OF_SOME, listed)
        still_there = exists().where(Project.normalized_name == ProjectTotals.normalized_name)
        db.execute(delete(ProjectTotals).where(ProjectTotals.normalized_name.in_(names), ~still_there))
        db.execute(_COMPUTE_SOME, listed)
        db.execute(_GROW, {"size": db.scalar(_SIZE_OF_SOME, listed) - before})

    def rebuild(self, db: Session) -> None:
        """Compute every row."""
        allow_statements(db, timedelta(hours=1))
        db.execute(delete(ProjectTotals))
        db.execute(_COMPUTE_ALL)
        db.execute(_ADD_UP)


def totals_of(db: Session, normalized_name: str) -> ProjectTotals | None:
    """What the project adds up to; None when there is no such project, or it has just arrived."""
    return db.scalar(select(ProjectTotals).where(ProjectTotals.normalized_name == normalized_name))
