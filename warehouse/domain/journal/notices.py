"""Notices to page caches that no entry is behind: something that a project's pages show has changed all the same."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.domain.journal.writing import CHANNEL

AGAIN = "again "  # what a notification begins with that names a project whose pages are to be made again

_NOTIFY = text("SELECT pg_notify(:channel, :told || name) FROM unnest(CAST(:names AS text[])) AS name")


def look_again(db: Session, names: Iterable[str]) -> None:
    """Have the caches that run drop their pages about these normalized names, when this transaction commits.

    For what is derived, such as a description that was rendered meanwhile. A notice is not kept for whoever does not
    listen: such pages have an end of their own.
    """
    db.execute(_NOTIFY, {"channel": CHANNEL, "told": AGAIN, "names": sorted(set(names))})
