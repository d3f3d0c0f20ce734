"""What has had its time is thrown away, and nothing else."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from warehouse.domain.site import RateWindow, hit, remaining
from warehouse.infra.jobs import JOBS
from warehouse.work import SYSTEM, begin
from warehouse.worker.main import perform


def test_counters_are_forgotten_once_no_limit_looks_at_them(tools):
    now = datetime.now(UTC)
    with begin(tools, SYSTEM) as work:
        for days in (0, 1, 3):
            hit(work.db, f"{days} days ago", timedelta(days=1), now=now - timedelta(days=days))
    before = {}
    with begin(tools, SYSTEM) as work:
        for key in ("0 days ago", "1 days ago"):
            before[key] = remaining(work.db, key, 10, timedelta(days=1), now=now)
    perform(tools, JOBS["forget_rates"], {})
    with begin(tools, SYSTEM) as work:
        assert set(work.db.scalars(select(RateWindow.key))) == {"0 days ago", "1 days ago"}
        for key, was in before.items():
            assert remaining(work.db, key, 10, timedelta(days=1), now=now) == was
