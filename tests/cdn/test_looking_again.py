"""What no journal entry tells of is purged, too, when it changes what pages show."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.conftest import MakeIndex
from warehouse.domain.journal import look_again
from warehouse.domain.journal.notices import purge_pages
from warehouse.infra.cdn import PurgeFailed

NOBODY = "http://127.0.0.1:9"
QUEUED = text("""
    SELECT args->'names', extract(epoch FROM scheduled_at - now())::int FROM procrastinate_jobs
    WHERE task_name = 'purge_pages' ORDER BY scheduled_at NULLS FIRST
""")


def test_a_cache_in_front_is_told_at_once_and_once_more(index_with: MakeIndex):
    index = index_with(CDN__BACKEND="varnish", CDN__VARNISH=NOBODY, CDN__AGAIN_AFTER="1 hour")
    with index.work() as work:
        look_again(work, ["demo", "other", "demo"])
        look_again(work, [])
        (first, at_once), (second, later) = work.db.execute(QUEUED).all()
    assert first == second == ["demo", "other"]
    assert at_once is None and later > 3000


def test_a_purge_that_fails_is_tried_again_by_the_queue(index_with: MakeIndex):
    index = index_with(CDN__BACKEND="varnish", CDN__VARNISH=NOBODY)
    with index.work() as work, pytest.raises(PurgeFailed):
        purge_pages(work, ["demo"])


def test_without_a_cache_in_front_there_is_nothing_to_purge(index_with: MakeIndex):
    with index_with().work() as work:
        look_again(work, ["demo"])
        assert work.db.execute(QUEUED).all() == []
        purge_pages(work, ["demo"])
