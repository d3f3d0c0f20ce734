"""Downloads as JSON: of one project and of the whole index, as they are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from sqlalchemy import text

from tests.downloads.conftest import Downloads
from warehouse.api.downloads import read_question
from warehouse.errors import Invalid
from warehouse.operations.downloads import add_up_downloads

TODAY = datetime.now(UTC).date()


@pytest.fixture
def counted(downloads: Downloads) -> Downloads:
    """Downloads of the last days, some of them by a mirror."""
    for days, number in ((0, 5), (1, 10), (40, 100), (100, 1000)):
        downloads.put(TODAY - timedelta(days=days), number)
    downloads.put(TODAY, 7, version="2.0")
    downloads.put(TODAY - timedelta(days=1), 50, version="2.0", kind="mirror")
    with downloads.index.work() as work:
        add_up_downloads(work, since="2000-01-01")
    return downloads


def ask(downloads: Downloads, path: str, query: str = "") -> dict:
    answer = downloads.index.get(path, query=query)
    assert answer.status == 200, answer
    headers = dict(answer.headers) if hasattr(answer, "headers") else {}
    assert headers.get("access-control-allow-origin", "*") == "*"
    return orjson.loads(answer.body)


def test_of_a_project_the_last_ninety_days_are_told(counted):
    told = ask(counted, "/api/stats/demo/")
    assert told == {
        "project": "demo",
        "from": str(TODAY - timedelta(days=89)),
        "to": str(TODAY),
        "by": "day",
        "mirrors": False,
        "counted_since": str(TODAY - timedelta(days=100)),
        "recent": {"day": 10, "week": 10, "month": 10, "as_of": str(TODAY)},
        "total": 122,
        "others": 0,
        "downloads": [
            {"day": str(TODAY - timedelta(days=40)), "number": 100},
            {"day": str(TODAY - timedelta(days=1)), "number": 10},
            {"day": str(TODAY), "number": 12},
        ],
    }


def test_they_are_divided_as_the_question_says(counted):
    def divided(query: str) -> list[dict]:
        return ask(counted, "/api/stats/demo/", query)["downloads"]

    assert divided("by=version") == [{"version": "1.0", "number": 115}, {"version": "2.0", "number": 7}]
    assert divided("by=python&mirrors=yes") == [{"python": "3.12", "number": 172}]
    assert divided("by=installer") == [{"installer": "pip", "number": 122}]
    assert divided(f"by=system&from={TODAY}") == [{"system": "Linux", "number": 12}]
    assert divided(f"to={TODAY - timedelta(days=90)}") == [{"day": str(TODAY - timedelta(days=100)), "number": 1000}]


def test_of_the_whole_index_days_and_projects_are_told(counted):
    told = ask(counted, "/api/stats/", f"from={TODAY - timedelta(days=100)}&mirrors=yes")
    # Today is not over, so it is not added up.
    assert [(one["day"], one["number"]) for one in told["downloads"]] == [
        (str(TODAY - timedelta(days=days)), number) for days, number in ((100, 1000), (40, 100), (1, 60))
    ]
    assert told["top_projects"] == [{"project": "demo", "day": 10, "week": 10, "month": 10}]


def test_a_quarantined_project_is_not_among_the_most_downloaded(counted):
    with counted.index.work() as work:
        work.db.execute(text("UPDATE projects SET status = 'quarantined'"))
    assert ask(counted, "/api/stats/")["top_projects"] == []


def test_where_nothing_was_counted_it_says_so(downloads):
    told = ask(downloads, "/api/stats/demo/")
    assert (told["counted_since"], told["recent"], told["total"], told["downloads"]) == (None, None, 0, [])


def test_answers_are_kept_for_some_minutes(counted):
    first = ask(counted, "/api/stats/demo/")
    counted.put(TODAY, 1, version="3.0")
    assert ask(counted, "/api/stats/demo/") == first
    assert ask(counted, "/api/stats/demo/", "mirrors=no") == first  # the same question in other words


def test_other_spellings_lead_to_the_one_address(downloads):
    for path, where in (
        ("/api/stats", "/api/stats/"),
        ("/api/stats/demo", "/api/stats/demo/"),
        ("/api/stats/DEMO/", "/api/stats/demo/"),
    ):
        answer = downloads.index.get(path, query="by=day")
        assert (answer.status, dict(answer.headers)["location"]) == (301, f"{where}?by=day")


@pytest.mark.parametrize("name", ["nothing", "-", "a" * 2000, "a%20b", "ü", "_"])
def test_there_is_no_such_project(downloads, name):
    assert downloads.index.get(f"/api/stats/{name}/").status == 404


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "Write the day in from as 2026-01-31."),
        ("to=2026-02-30", "Write the day in to as 2026-01-31."),
        ("to=٢٠٢٦-01-01", "Write the day in to as 2026-01-31."),
        ("from=2026-02-02&to=2026-02-01", "Exchange them."),
        ("from=2000-01-01", "at most 1100 days"),
        ("by=colour", "day, version, python, installer, system"),
        ("mirrors=maybe", "mirrors=yes"),
        ("by=day&by=day", "each at most once"),
        ("limit=5", "from, to, by, mirrors"),
        ("&".join(["by=day"] * 99), "each at most once"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(query, sentence):
    with pytest.raises(Invalid) as refused:
        read_question(query, TODAY)
    assert sentence in refused.value.sentence


def test_a_refusal_is_a_sentence_that_scripts_may_read(downloads):
    answer = downloads.index.get("/api/stats/demo/", query="by=colour")
    assert answer.status == 400 and answer.body.startswith(b"Downloads are divided by")
    assert dict(answer.headers)["access-control-allow-origin"] == "*"
    assert downloads.index.get("/api/stats/", query="by=day").status == 400


@pytest.mark.parametrize("query", ["", "to=0001-01-01", "to=0001-03-01", "to=9999-12-31"])
def test_any_day_that_there_is_may_be_asked_for(query):
    question = read_question(query, date(2026, 3, 1))
    assert question.since <= question.until
