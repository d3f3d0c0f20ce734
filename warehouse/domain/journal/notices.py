"""Notices to page caches that no entry is behind: something that a project's pages show has changed all the same."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from warehouse.domain.journal.writing import CHANNEL
from warehouse.infra.cdn import open_purgers
from warehouse.infra.jobs import enqueue, job
from warehouse.work import Work

AGAIN = "again "  # what a notification begins with that names a project whose pages are to be made again

_NOTIFY = text("SELECT pg_notify(:channel, :told || name) FROM unnest(CAST(:names AS text[])) AS name")


def look_again(work: Work, names: Iterable[str]) -> None:
    """Have all pages about these normalized names made anew once this work has committed, behind a CDN as well.

    For what is derived, such as a description that was rendered meanwhile. A web server that does not listen hears
    nothing of it: such pages have an end of their own. A CDN is told twice, as of a journal entry, because a server
    that has not heard of it may still be answering with the old page.
    """
    told = sorted(set(names))
    if not told:
        return
    drop_pages(work.db, told)
    if work.settings.cdn.is_told:
        enqueue(work.db, purge_pages, names=told)
        enqueue(work.db, purge_pages, run_at=work.now + work.settings.cdn.again_after, names=told)


def drop_pages(db: Session, names: Iterable[str]) -> None:
    """Have the web servers that run drop their pages about these normalized names, when this transaction commits."""
    db.execute(_NOTIFY, {"channel": CHANNEL, "told": AGAIN, "names": sorted(set(names))})


@job(queue="housekeeping")
def purge_pages(work: Work, names: list[str]) -> None:
    """Have the caches in front of the index drop the pages about these projects."""
    for purger in open_purgers(work.settings):
        purger.purge({f"project/{name}" for name in names})
