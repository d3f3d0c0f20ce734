"""What has had its time is thrown away, and nothing else."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from warehouse.domain.accounts import Device
from warehouse.domain.site import Once, RateWindow, hit, once, remaining
from warehouse.infra.jobs import JOBS
from warehouse.operations.housekeeping import forget_visits
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


def test_what_nobody_can_use_any_more_of_signing_in_is_forgotten(index):
    ada = index.user("ada")
    with index.work() as work:
        days_ago = {"192.0.2.1": None, "192.0.2.2": 2, "192.0.2.3": 0}
        for address, days in days_ago.items():
            status = "confirmed" if days is None else "pending"
            ended = None if days is None else work.now - timedelta(days=days)
            work.db.add(Device(user_id=ada.id, address=address, status=status, last_used_at=work.now, expires_at=ended))
        old = once.put(work.db, "challenge", {}, until=work.now - timedelta(seconds=1))
        live = once.put(work.db, "challenge", {"n": 1}, until=work.now + timedelta(minutes=1))
    with index.work() as work:
        forget_visits(work)
    with index.work() as work:
        assert [str(device.address) for device in work.db.query(Device).order_by(Device.id)] == [
            "192.0.2.1",
            "192.0.2.3",
        ]
        assert work.db.query(Once).count() == 1
        assert once.take(work.db, "challenge", old, now=work.now) is None
        assert once.take(work.db, "challenge", live, now=work.now) == {"n": 1}
