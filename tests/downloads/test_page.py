"""The page of a project's downloads, and the charts that it is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from tests.downloads.conftest import Downloads
from tests.web.client import Client, Got, site
from warehouse.operations.downloads import add_up_downloads
from warehouse.web.charts import day_chart, rounded_up, share_chart

TODAY = datetime.now(UTC).date()
PATH = "/project/demo/statistics/"


@pytest.fixture
def visitor(downloads: Downloads) -> Client:
    return site(downloads.index.tools)


def shown(got: Got) -> str:
    assert got.status == 200
    return "".join(got.page.all("main")[0].text.split())  # cells of a table have nothing between them


def test_the_page_shows_days_shares_and_what_is_apart(downloads, visitor):
    for days, number in ((0, 4), (1, 1000), (8, 200), (120, 9)):
        downloads.put(TODAY - timedelta(days=days), number)
    downloads.put(TODAY - timedelta(days=1), 24, version="2.0", kind="browser")
    downloads.put(TODAY - timedelta(days=2), 77, version="2.0", kind="mirror")
    got = visitor.get(PATH)
    text = shown(got)
    for told in ("Yesterday 1,024", "Last 7 days 1,024", "Last 30 days 1,224", "Today so far 4", "77 in all"):
        assert told.replace(" ", "") in text
    assert "1,228inall,atmost1,024on" in text
    assert "1.01,20498%" in text and "2.0242%" in text
    assert f"Countedonthisindexsince{TODAY - timedelta(days=120)}" in text
    assert "style" not in {name for element in got.page.elements for name in element.attributes}


def test_a_project_that_nobody_downloads_says_so_and_since_when(downloads, visitor):
    assert "Nodownloadofanythinghasbeencounted" in shown(visitor.get(PATH))
    downloads.put(TODAY - timedelta(days=40), 1, name="other")
    assert f"inthelast41days.Downloadshavebeencountedheresince{TODAY - timedelta(days=40)}" in shown(visitor.get(PATH))


def test_days_of_which_only_sums_are_kept_are_shown(downloads, visitor):
    downloads.put(TODAY - timedelta(days=3), 10, version="")
    assert "Notkept10100%" in shown(visitor.get(PATH))


def test_the_page_has_one_address_and_no_project_has_none(visitor):
    assert visitor.get("/project/DEMO/statistics/").leads_to == PATH
    assert visitor.get("/project/demo/statistics").leads_to == PATH
    for name in ("nothing", "%2e", "a%00b", "\xc3\xbc", "-"):
        assert visitor.get(f"/project/{name}/statistics/").status == 404


def test_the_page_asks_two_questions_whatever_there_is_to_show(downloads, visitor):
    asked: list[str] = []
    reading = downloads.index.tools.database.rows

    def counted(query, parameters):
        asked.append(query)
        return reading(query, parameters)

    def executed(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    downloads.index.tools.database.rows = counted
    event.listen(downloads.index.tools.database.engine, "before_cursor_execute", executed)
    visitor.get(PATH)
    few = len(asked)
    for days in range(60):
        downloads.put(TODAY - timedelta(days=days), 10, version=f"1.{days}")
    asked.clear()
    visitor.get(PATH)
    assert len(asked) == few == 2


def test_the_statistics_of_the_index_show_days_and_what_is_downloaded_most(downloads, visitor):
    assert "Downloads" not in shown(visitor.get("/stats/"))
    for days, number in ((0, 3), (1, 1000), (45, 200)):
        downloads.put(TODAY - timedelta(days=days), number)
    with downloads.index.work() as work:
        add_up_downloads(work, since="2000-01-01")
    text = shown(visitor.get("/stats/"))
    assert "1,200inall" in text and "1demo1,000" in text


def test_a_chart_has_a_bar_for_each_day(downloads):
    chart = day_chart(
        {date(2026, 3, 2): 30, date(2026, 3, 3): 60, date(2020, 1, 1): 5}, date(2026, 3, 1), date(2026, 3, 3)
    )
    assert [(bar.number, bar.x, bar.y, bar.height, bar.is_open) for bar in chart.bars] == [
        (0, 0, 100, 0, False),
        (30, 10, 50, 50, False),
        (60, 20, 0, 100, True),
    ]
    assert (chart.top, chart.width, chart.total, chart.most.day) == (60, 30, 90, date(2026, 3, 3))


def test_a_chart_of_shares_adds_up_the_rest():
    chart = share_chart([("a", 60), ("b", 30), ("c", 6), ("d", 4)], most=2)
    assert [(bar.value, bar.percent, bar.width) for bar in chart.bars] == [("a", 60, 100), ("b", 30, 50)]
    assert (chart.others, chart.others_percent) == (10, 10)
    assert share_chart([]).bars == ()


@pytest.mark.parametrize(
    ("number", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 6), (7, 10), (10, 10), (11, 20), (61, 100), (10**18, 10**18)],
)
def test_a_scale_ends_at_a_number_that_people_can_read(number, top):
    assert rounded_up(number) == top
