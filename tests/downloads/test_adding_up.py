"""What the last days come to for each project, and what is kept of days that are long over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from tests.downloads.conftest import Downloads
from tests.downloads.test_logs import as_json
from warehouse.domain.packaging import RecentDownloads
from warehouse.operations.downloads import add_up_downloads, fold_old_downloads, import_log
from warehouse.sources.downloads import read_shares


@pytest.fixture
def today(downloads: Downloads) -> date:
    with downloads.index.work() as work:
        return work.now.date()


def recent(downloads: Downloads) -> dict[str, tuple[int, int, int]]:
    with downloads.index.work() as work:
        found = work.db.scalars(select(RecentDownloads))
        return {one.normalized_name: (one.day, one.week, one.month) for one in found}


def waiting(downloads: Downloads) -> list[str]:
    with downloads.index.work() as work:
        query = "SELECT task_name FROM procrastinate_jobs WHERE task_name LIKE '%download%' ORDER BY id"
        return list(work.db.scalars(text(query)))


def add_up(downloads: Downloads, *, since: date | None = None) -> None:
    with downloads.index.work() as work:
        add_up_downloads(work, since=since.isoformat() if since is not None else None)


def shares(downloads: Downloads, since: date, until: date) -> dict[str, list[tuple]]:
    """Everything that is told of the project, without what is nothing."""
    told = read_shares(downloads.index.tools.database, "demo", since, until)
    return {by: [tuple(share) for share in found if share.number or share.apart] for by, found in told.items()}


def test_the_last_day_week_and_month_end_with_yesterday(downloads, today):
    for days, number in ((0, 1), (1, 10), (7, 100), (8, 1000), (30, 10_000), (31, 100_000)):
        downloads.put(today - timedelta(days=days), number)
    downloads.put(today - timedelta(days=1), 5, version="2.0", kind="browser")
    downloads.put(today - timedelta(days=1), 7, kind="mirror")
    downloads.put(today - timedelta(days=1), 7, kind="other")
    downloads.put(today - timedelta(days=1), 3, name="gone")
    add_up(downloads)
    assert recent(downloads) == {"demo": (15, 115, 11_115), "gone": (3, 3, 3)}
    with downloads.index.work() as work:
        days = work.db.execute(text("SELECT number, apart FROM download_days ORDER BY day DESC"))
        assert [tuple(row) for row in days] == [(18, 14), (100, 0), (1000, 0), (10_000, 0), (100_000, 0)]


def test_it_is_done_once_a_day_and_again_when_something_was_imported(downloads, today):
    yesterday = today - timedelta(days=1)
    downloads.put(yesterday, 1)
    add_up(downloads)
    downloads.put(yesterday, 1, version="2.0")
    add_up(downloads)
    assert recent(downloads)["demo"] == (1, 1, 1)
    add_up(downloads, since=yesterday)
    assert recent(downloads)["demo"] == (2, 2, 2)


def test_sums_tell_what_details_do(downloads, today):
    first = today - timedelta(days=200)
    for days in (0, 1, 2, 3, 190):
        downloads.put(today - timedelta(days=days), 10 + days)
        downloads.put(today - timedelta(days=days), 5, version="2.0")
        downloads.put(today - timedelta(days=days), 3, version="2.0", kind="mirror")
    by_details = shares(downloads, first, today)
    assert by_details["version"] == [("1.0", 246, 0), ("2.0", 25, 15)]
    add_up(downloads)
    assert shares(downloads, first, today) == by_details
    # What comes late to the newest of these days is added up the next time, and what logs tell when they say so.
    downloads.put(today - timedelta(days=1), 1, version="3.0")
    downloads.put(today - timedelta(days=3), 1, version="3.0")
    downloads.put(today, 1, version="3.0")
    assert shares(downloads, first, today)["version"][-1] == ("3.0", 1, 0)
    with downloads.index.work() as work:
        work.db.execute(text("DELETE FROM recent_downloads"))
    add_up(downloads)
    assert shares(downloads, first, today)["version"][-1] == ("3.0", 2, 0)
    add_up(downloads, since=today - timedelta(days=3))
    assert shares(downloads, first, today)["version"][-1] == ("3.0", 3, 0)
    with downloads.index.work() as work:
        fold_old_downloads(work)
    folded = [("", 205, 3), ("1.0", 46, 0), ("2.0", 20, 12), ("3.0", 3, 0)]
    assert shares(downloads, first, today)["version"] == folded


def test_who_is_downloaded_no_more_is_forgotten(downloads, today):
    with downloads.index.work() as work:
        work.db.add(RecentDownloads(normalized_name="old", day=1, week=1, month=1, as_of=today - timedelta(days=1)))
    downloads.put(today - timedelta(days=1), 1)
    add_up(downloads)
    assert set(recent(downloads)) == {"demo"}


def test_an_import_asks_for_both(downloads, tmp_path):
    (tmp_path / "log").write_text(as_json(path=downloads.path))
    with downloads.index.work() as work:
        import_log(work, tmp_path / "log")
    assert waiting(downloads) == ["add_up_downloads", "fold_old_downloads"]


def test_of_days_whose_details_had_their_time_sums_are_kept(downloads, today):
    old, kept = today - timedelta(days=181), today - timedelta(days=180)
    for day in (old - timedelta(days=1), old, kept):
        downloads.put(day, 10)
        downloads.put(day, 5, version="2.0")
        downloads.put(day, 3, kind="mirror")
    for _ in range(3):
        with downloads.index.work() as work:
            fold_old_downloads(work)
    assert waiting(downloads) == ["fold_old_downloads"]
    sums = [("demo", "", "installer", "", "", "", 15), ("demo", "", "mirror", "", "", "", 3)]
    assert sorted(downloads.rows()) == sorted([*sums, *sums, *downloads.rows()[-3:]])
    # What comes late is added to the sums.
    downloads.put(old, 1)
    with downloads.index.work() as work:
        fold_old_downloads(work)
    assert downloads.rows().count(("demo", "", "installer", "", "", "", 16)) == 1
