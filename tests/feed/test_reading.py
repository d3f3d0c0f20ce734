"""The change feed: every entry once and in order, full answers for ever, sentences for what makes no sense."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import text

from tests.builders import wheel
from tests.index import Index
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.standards.http import Answer, Ask

PATH = "/api/journal/"


def asked(index: Index, query: str = "", **headers: str) -> dict:
    found = index.get(PATH, query=query, **headers)
    assert found.status == 200, found
    return orjson.loads(found.body)


def header(found: Answer | Ready, name: str) -> str | None:
    if isinstance(found, Answer):
        return dict(found.headers).get(name)
    fields = (line.partition(": ") for line in found.head.decode().split("\r\n"))
    return next((value for field, _, value in fields if field.lower() == name), None)


@pytest.fixture
def told(index: Index) -> Index:
    """An index with eight entries: two files of one project, one of another."""
    ada = index.user("ada")
    for dist in (wheel("Demo.One", "1.0"), wheel("Demo.One", "1.1"), wheel("other", "2.0")):
        assert index.upload(dist, by=ada).status == 200
    assert len(index.journal()) == 10
    return index


def test_an_entry_says_what_changed_and_not_who_did_it(told):
    entries = asked(told, "since=0")["entries"]
    assert entries[0] == {
        "action": "create",
        "at": entries[0]["at"],
        "change": "project created",
        "normalized-name": "demo-one",
        "project": "Demo.One",
        "serial": 1,
        "version": None,
    }
    assert entries[3] | {"at": ""} == {
        "action": "add py3 file demo_one-1.0-py3-none-any.whl",
        "at": "",
        "change": "file added",
        "normalized-name": "demo-one",
        "project": "Demo.One",
        "serial": 4,
        "version": "1.0",
    }
    assert entries[0]["at"].endswith("Z") and len(entries[0]["at"]) == len("2026-01-01T00:00:00.000000Z")
    assert [entry["action"] for entry in entries] == told.journal()


def test_without_since_it_tells_how_to_begin(told):
    said = asked(told)
    assert said == {"how": said["how"], "last": 10, "meta": {"api-version": "1.0"}}
    assert "?since=0" in said["how"] and "?since=10" in said["how"]


@pytest.mark.parametrize("limit", [1, 3, 5, 10, 1000])
def test_following_next_reads_every_entry_once_and_in_order(told, limit):
    since, serials = 0, []
    while True:
        said = asked(told, f"since={since}&limit={limit}")
        assert len(said["entries"]) <= limit
        assert said["more"] == (said["next"] < 10)
        assert said["last"] == 10
        serials += [entry["serial"] for entry in said["entries"]]
        since = said["next"]
        if not said["more"]:
            break
    assert serials == list(range(1, 11))
    assert asked(told, f"since={since}") == {
        "entries": [],
        "last": 10,
        "meta": {"api-version": "1.0"},
        "more": False,
        "next": 10,
    }


def test_serials_that_were_never_given_are_passed_over(told):
    with told.work() as work:
        work.db.execute(text("SELECT setval(pg_get_serial_sequence('journal', 'serial'), 42)"))
    told.upload(wheel("late", "1.0"), token=None, by=told.user("eve"))
    assert asked(told, "since=10&limit=10") == {
        "entries": [],
        "last": 46,
        "meta": {"api-version": "1.0"},
        "more": True,
        "next": 20,
    }
    assert [entry["serial"] for entry in asked(told, "since=10")["entries"]] == [43, 44, 45, 46]


def test_an_empty_journal_has_no_entries(index):
    assert asked(index, "since=0")["entries"] == []
    assert asked(index)["last"] == 0


def test_a_full_answer_is_kept_by_clients_and_survives_new_entries(told):
    full = told.get(PATH, query="since=0&limit=4")
    assert header(full, "cache-control") == "max-age=3600, public"
    told.upload(wheel("late", "1.0"), by=told.user("eve"))
    told.follower.catch_up()
    assert told.doors.glance(Ask("GET", PATH, "since=0&limit=4", {})) is full


def test_the_newest_part_is_asked_for_every_time_and_dropped_by_new_entries(told):
    newest = told.get(PATH, query="since=8")
    assert header(newest, "cache-control") == "no-cache"
    assert told.doors.glance(Ask("GET", PATH, "since=8", {})) is newest
    told.upload(wheel("late", "1.0"), by=told.user("eve"))
    assert [entry["serial"] for entry in asked(told, "since=8")["entries"]] == [9, 10, 11, 12, 13, 14]


def test_followers_who_ask_for_the_same_stretch_share_a_page_whatever_their_limit(told):
    assert told.get(PATH, query="since=8") is told.get(PATH, query="since=8&limit=10000")
    assert told.get(PATH, query="limit=2&since=8") is told.get(PATH, query="since=8")


def test_it_is_compressed_validated_and_readable_from_other_origins(told):
    plain = told.get(PATH, query="since=0")
    assert header(plain, "content-type") == "application/json"
    assert header(plain, "access-control-allow-origin") == "*"
    assert header(plain, "x-pypi-last-serial") == "10"
    assert header(plain, "vary") == "Accept-Encoding"
    etag = header(plain, "etag")
    assert told.get(PATH, query="since=0", if_none_match=etag).status == 304
    packed = told.get(PATH, query="since=0", accept_encoding="gzip")
    assert header(packed, "content-encoding") == "gzip"
    assert header(packed, "etag") != etag


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=-1", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=1.5", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=1e3", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=%2B1", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=1_0", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=%201", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=%D9%A1", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=%00", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=9223372036854775808", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        (f"since={'9' * 5000}", "The parameter since must be a whole number from 0 to 9223372036854775807."),
        ("since=0&limit=0", "The parameter limit must be a whole number from 1 to 10000."),
        ("since=0&limit=10001", "The parameter limit must be a whole number from 1 to 10000."),
        ("since=0&wait=61", "The parameter wait must be a whole number from 0 to 60."),
        ("since=0&wait=0.5", "The parameter wait must be a whole number from 0 to 60."),
        ("since=0&since=1", "The parameter since may be given only once."),
        ("since=0&since=0", "The parameter since may be given only once."),
        ("since=0&until=5", "There is no parameter 'until' here; there are since, limit and wait."),
        ("sinse=0", "There is no parameter 'sinse' here; there are since, limit and wait."),
        ("limit=5", "Give the parameter since, too: 0 for all entries from the first one."),
        ("wait=5", "Give the parameter since, too: 0 for all entries from the first one."),
        (
            "&".join(f"p{n}=1" for n in range(9)),
            "This address has too many parameters; there are since, limit and wait.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(told, query, sentence):
    found = told.get(PATH, query=query)
    assert (found.status, found.body) == (400, sentence.encode())
    assert header(found, "access-control-allow-origin") == "*"


def test_a_serial_that_was_never_reached_tells_of_a_restored_index(told):
    found = told.get(PATH, query="since=11")
    assert found.status == 409
    assert b"The journal ends at serial 10" in found.body
    assert header(found, "cache-control") == "no-store"
    assert header(found, "x-pypi-last-serial") == "10"
    told.upload(wheel("late", "1.0"), by=told.user("eve"))
    assert asked(told, "since=11")["next"] == 14


def test_a_serial_from_another_machine_is_known_here_at_once(told):
    """The other machine committed, and nothing has told this one yet."""
    with told.tools.database.connection() as connection:
        connection.execute(
            "INSERT INTO journal (project, normalized_name, change, action) VALUES ('x', 'x', 'project created', 'x')"
        )
        connection.commit()
    assert asked(told, "since=11") == {
        "entries": [],
        "last": 11,
        "meta": {"api-version": "1.0"},
        "more": False,
        "next": 11,
    }


def test_the_address_without_its_slash_leads_to_the_one_with_it(told):
    found = told.get("/api/journal", query="since=3")
    assert found.status == 301
    assert header(found, "location") == "/api/journal/?since=3"


def test_only_get_and_head_are_answered(told):
    assert told.get(PATH, method="HEAD", query="since=0").status == 200
    assert told.get(PATH, method="POST").status == 405


def test_who_waits_for_what_is_there_does_not_wait(told):
    assert len(asked(told, "since=9&wait=60")["entries"]) == 1


def test_who_has_read_everything_may_wait(told):
    told.follower.catch_up()
    ask = Ask("GET", PATH, "since=10&limit=7&wait=30", {})
    found = told.doors.glance(ask)
    assert isinstance(found, Later)
    assert found.seconds == 30
    assert orjson.loads(told.get(PATH, query=found.instead.query).body)["entries"] == []
    assert isinstance(told.doors.answer(ask), Later)
    assert told.get(PATH, method="HEAD", query="since=10&wait=30").status == 200
