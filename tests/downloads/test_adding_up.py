"""What the last days come to for each project, and what is kept of days that are long over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from tests.downloads.conftest import Downloads
from tests.downloads.test_logs import as_json
from warehouse.domain.packaging import RecentDownloads
from warehouse.operations.downloads import add_up_downloads, fold_old_downloads, import_log


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


def add_up(downloads: Downloads, *, again: bool = False) -> None:
    with downloads.index.work() as work:
        add_up_downloads(work, again=again)


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
        assert [tuple(row) for row in days] == [(18, 14), (100, 0), (1000, 0), (10_000, 0)]


def test_it_is_done_once_a_day_and_again_when_something_was_imported(downloads, today):
    yesterday = today - timedelta(days=1)
    downloads.put(yesterday, 1)
    add_up(downloads)
    downloads.put(yesterday, 1, version="2.0")
    add_up(downloads)
    assert recent(downloads)["demo"] == (1, 1, 1)
    add_up(downloads, again=True)
    assert recent(downloads)["demo"] == (2, 2, 2)


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
