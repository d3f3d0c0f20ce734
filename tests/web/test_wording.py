"""Numbers, sizes and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from warehouse.web import wording

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_thousands_are_set_apart() -> None:
    assert wording.number(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("bytes_", "words"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
        (123_456_789, "123.5 MB"), (5 * 10**9, "5.0 GB"), (7 * 10**15, "7000.0 TB"),
    ],
)  # fmt: skip
def test_sizes_are_written_in_the_largest_unit(bytes_: int, words: str) -> None:
    assert wording.size(bytes_) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"), (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"), (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"), (timedelta(days=29), "29 days ago"),
    ],
)  # fmt: skip
def test_times_are_told_from_now(passed: timedelta, words: str) -> None:
    assert wording.ago(NOW - passed, NOW) == words


def test_times_long_ago_are_told_by_the_day() -> None:
    assert wording.ago(NOW - timedelta(days=30), NOW) == "2026-10-21"


@pytest.mark.parametrize(
    ("zone", "time", "day"),
    [
        (None, "2026-11-20 12:00 UTC", "2026-11-20"),
        ("Europe/Vienna", "2026-11-20 13:00 CET", "2026-11-20"),
        ("Pacific/Auckland", "2026-11-21 01:00 NZDT", "2026-11-21"),
        ("Mars/Olympus", "2026-11-20 12:00 UTC", "2026-11-20"),
    ],
)
def test_times_are_told_in_the_reader_s_zone_and_name_it(zone: str | None, time: str, day: str) -> None:
    assert (wording.moment(NOW, zone), wording.day(NOW, zone)) == (time, day)
    assert wording.time_element(NOW, time) == f'<time datetime="2026-11-20T12:00:00+00:00">{time}</time>'
