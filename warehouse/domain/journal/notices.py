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
EVERYTHING = ""  # and no project: the pages about everything, which each such notice has made again

_NOTIFY = text("SELECT pg_notify(:channel, :told || name) FROM unnest(CAST(:names AS text[])) AS name")


def look_again(work: Work, names: Iterable[str], *, people: Iterable[str] = ()) -> None:
    """Have all pages about these normalized names made anew once this work has committed, behind a CDN as well.

    For what is derived, such as a description that was rendered meanwhile, and for ``people``, usernames, whose own
    page says something else: it is kept among those about everything, which all go. A web server that does not listen
    hears nothing of it: such pages have an end of their own. A CDN is told twice, as of a journal entry, because a
    server that has not heard of it may still be answering with the old page.
    """
    projects, usernames = sorted(set(names)), sorted(set(people))
    if not projects and not usernames:
        return
    drop_pages(work.db, projects or [EVERYTHING])
    if work.settings.cdn.is_told:
        again_at = work.now + work.settings.cdn.again_after
        enqueue(work.db, purge_pages, names=projects, people=usernames)
        enqueue(work.db, purge_pages, run_at=again_at, names=projects, people=usernames)


def drop_pages(db: Session, names: Iterable[str]) -> None:
    """Have the web servers that run drop their pages about these normalized names, when this transaction commits."""
    db.execute(_NOTIFY, {"channel": CHANNEL, "told": AGAIN, "names": sorted(set(names))})


@job(queue="housekeeping")
def purge_pages(work: Work, names: list[str], people: list[str] | None = None) -> None:
    """Have the caches in front of the index drop the pages about these projects and people."""
    keys = {f"project/{name}" for name in names} | {f"user/{username.lower()}" for username in people or ()}
    for purger in open_purgers(work.settings):
        purger.purge(keys)
