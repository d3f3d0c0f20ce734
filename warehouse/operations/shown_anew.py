"""Having pages made anew because of something that no journal entry tells of."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.domain.journal import look_again
from warehouse.infra.cdn import open_purgers
from warehouse.infra.jobs import enqueue, job
from warehouse.work import Work


def show_anew(work: Work, names: Iterable[str]) -> None:
    """Have all pages about these normalized names made anew once this work has committed, behind a CDN as well.

    There twice, as for a journal entry: a web server that has not heard of it may still be answering with the old page.
    """
    told = sorted(set(names))
    if not told:
        return
    look_again(work.db, told)
    if work.settings.cdn.is_told:
        enqueue(work.db, purge_pages, names=told)
        enqueue(work.db, purge_pages, run_at=work.now + work.settings.cdn.again_after, names=told)


@job(queue="housekeeping")
def purge_pages(work: Work, names: list[str]) -> None:
    """Have the caches in front of the index drop the pages about these projects."""
    for purger in open_purgers(work.settings):
        purger.purge({f"project/{name}" for name in names})
