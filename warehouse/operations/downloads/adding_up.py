"""Adding up downloads: what the last days come to for each project, and sums in place of details for days long over."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from warehouse.domain.packaging import RecentDownloads
from warehouse.domain.packaging.downloads import add_up, fold_downloads
from warehouse.infra.db import allow_statements
from warehouse.infra.jobs import enqueue, job
from warehouse.work import Work

PATIENCE = timedelta(minutes=30)  # for one day of all projects of the public index


@job(queue="downloads", unique=True)
def add_up_downloads(work: Work, since: str | None = None) -> None:
    """Add up the days before today, unless that was done today; those ``since`` this day again, as ISO 8601 writes it.

    That is for days of which a log was imported.
    """
    today = work.now.date()
    if since is None and work.db.scalar(select(RecentDownloads.as_of).limit(1)) == today:
        return
    allow_statements(work.db, PATIENCE)
    add_up(work.db, today, since=date.fromisoformat(since) if since is not None else None)


@job(queue="downloads", unique=True)
def fold_old_downloads(work: Work) -> None:
    """Keep only sums of one day whose details have had their time; and another day after that, while there is one."""
    allow_statements(work.db, PATIENCE)
    before = (work.now - work.settings.downloads.keep_detail).date()
    if fold_downloads(work.db, before) is not None:
        enqueue(work.db, fold_old_downloads)
