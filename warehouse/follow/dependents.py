"""Who depends on whom follows the journal: what the latest version of each project requires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import timedelta

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from warehouse.domain.journal import look_again
from warehouse.infra.db import allow_statements
from warehouse.standards.names import NormalizedName
from warehouse.standards.requirements import needs
from warehouse.work import Work

BATCH = 200  # projects; of each of them up to a thousand requirements are in memory

FEW = 100
"""Up to so many dependents, a project's pages are made again for each that comes; of more, one can wait for an hour.

Whoever goes is shown no more at once: they may have been taken down.
"""

Key = tuple[str, str, str]  # who depends, on what, with which extra

# The version that the project's page shows; of a project in quarantine nothing is shown.
_LATEST = """
    SELECT project.normalized_name, latest.requires_dist FROM projects AS project
    CROSS JOIN LATERAL (
        SELECT requires_dist FROM releases WHERE project_id = project.id AND NOT is_quarantined
        ORDER BY yanked_at IS NOT NULL, is_prerelease, version_key DESC LIMIT 1
    ) AS latest
    WHERE project.status <> 'quarantined'
"""
_LATEST_OF_SOME = text(f"{_LATEST} AND project.normalized_name = ANY(:names)")
_LATEST_AFTER = text(f"{_LATEST} AND project.normalized_name > :after ORDER BY project.normalized_name LIMIT {BATCH}")

_KEPT = text("""
    SELECT normalized_name, depends_on, extra, specifier FROM dependencies WHERE normalized_name = ANY(:names)
""")
_KEEP = text("""
    INSERT INTO dependencies (normalized_name, depends_on, extra, specifier)
    SELECT * FROM unnest(CAST(:one AS text[]), CAST(:other AS text[]), CAST(:extra AS text[]), CAST(:range AS text[]))
    ON CONFLICT (normalized_name, depends_on, extra) DO UPDATE SET specifier = excluded.specifier
""")
_FORGET = text("""
    DELETE FROM dependencies AS kept
    USING unnest(CAST(:one AS text[]), CAST(:other AS text[]), CAST(:extra AS text[])) AS gone (one, other, extra)
    WHERE kept.normalized_name = gone.one AND kept.depends_on = gone.other AND kept.extra = gone.extra
""")
_COUNT_SOME = text("""
    INSERT INTO dependent_counts (normalized_name, number)
    SELECT * FROM unnest(CAST(:names AS text[]), CAST(:more AS bigint[]))
    ON CONFLICT (normalized_name) DO UPDATE SET number = dependent_counts.number + excluded.number
    RETURNING normalized_name, number
""")
_FORGET_NONE = text("DELETE FROM dependent_counts WHERE number = 0 AND normalized_name = ANY(:names)")
_COUNT_ALL = text("""
    INSERT INTO dependent_counts (normalized_name, number)
    SELECT depends_on, count(*) FROM dependencies WHERE extra = '' GROUP BY depends_on
""")


class DependentsFollower:
    """Keeps :class:`Dependency` and :class:`DependentCount`, from the present of each name that the journal mentions.

    Nobody else writes these tables, and whoever does holds the cursor: what is kept of a project and what it requires
    now is the difference that it makes to the counts.
    """

    name = "dependents"

    def apply(self, work: Work, names: Set[str]) -> None:
        """Look at the requirements of these projects again; a project that is gone requires nothing."""
        listed = sorted(names)
        for start in range(0, len(listed), BATCH):
            _apply(work, listed[start : start + BATCH])

    def rebuild(self, db: Session) -> None:
        """Read the requirements of all projects, some at a time, and count them."""
        allow_statements(db, timedelta(hours=1))
        db.execute(text("DELETE FROM dependencies"))
        db.execute(text("DELETE FROM dependent_counts"))
        after = ""
        while latest := db.execute(_LATEST_AFTER, {"after": after}).all():
            _keep(db, _required(latest))
            after = latest[-1].normalized_name
        db.execute(_COUNT_ALL)


def _apply(work: Work, names: list[str]) -> None:
    db = work.db
    kept: dict[Key, str] = {(one, on, extra): range_ for one, on, extra, range_ in db.execute(_KEPT, {"names": names})}
    required = _required(db.execute(_LATEST_OF_SOME, {"names": names}).all())
    gone = kept.keys() - required.keys()
    if gone:
        db.execute(_FORGET, _columns(gone))
    _keep(db, {key: range_ for key, range_ in required.items() if kept.get(key) != range_})
    more = Counter(on for _, on, extra in required.keys() - kept.keys() if not extra)
    more.subtract(on for _, on, extra in gone if not extra)
    few = _count(work.db, {name: number for name, number in more.items() if number})
    look_again(work, {*few, *(on for _, on, _ in gone)})


def _required(latest: Sequence[Row]) -> dict[Key, str]:
    return {
        (name, need.name, need.extra): specifier
        for name, requires_dist in latest
        for need, specifier in needs(requires_dist or (), of=NormalizedName(name)).items()
    }


def _keep(db: Session, required: Mapping[Key, str]) -> None:
    if required:
        db.execute(_KEEP, {**_columns(required), "range": list(required.values())})


def _columns(keys: Iterable[Key]) -> dict[str, list[str]]:
    ones, others, extras = zip(*keys, strict=True)
    return {"one": list(ones), "other": list(others), "extra": list(extras)}


def _count(db: Session, more: Mapping[str, int]) -> list[str]:
    """Write down the new numbers; which projects still have few dependents."""
    if not more:
        return []
    numbers = db.execute(_COUNT_SOME, {"names": list(more), "more": list(more.values())}).all()
    db.execute(_FORGET_NONE, {"names": list(more)})
    return [name for name, number in numbers if number <= FEW]
