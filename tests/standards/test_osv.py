"""Records in the OSV format, and reports, are read as their schema says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from packaging.version import Version

from warehouse.errors import Invalid
from warehouse.standards.osv import MOST_VERSIONS, page_of, report_of, reports_of

RECORD = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1", "CVE-2026-1", 7, "GHSA-x\n"],
    "summary": "It breaks.",
    "details": "It breaks\0 when it is \ud800 shaken.",
    "withdrawn": "2026-02-03T04:05:06Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Demo.Kit"},
            "versions": ["0.9", "bogus", 1.0],
            "ranges": [
                {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
                {"type": "ECOSYSTEM", "events": [{"fixed": "2.1"}, {"introduced": "2"}]},
            ],
        },
        {"package": {"ecosystem": "npm", "name": "demo-kit"}, "versions": ["1.0"]},
        {"package": {"ecosystem": "PyPI", "name": "demo_kit"}, "versions": ["3.0"]},
        {"package": {"ecosystem": "PyPI", "name": "other"}, "ranges": [{"type": "ECOSYSTEM", "events": None}]},
        {"package": {"ecosystem": "PyPI", "name": "no name"}},
        {"package": None},
        None,
    ],
}


def test_a_record_is_a_report_for_each_project():
    kit, other = reports_of(RECORD)
    assert (kit.project, other.project) == ("demo-kit", "other")
    assert (kit.source, kit.identifier) == ("osv", "PYSEC-2026-1")
    assert kit.link == "https://osv.dev/vulnerability/PYSEC-2026-1"
    assert kit.aliases == ("CVE-2026-1",)
    assert (kit.summary, kit.details) == ("It breaks.", "It breaks when it is ? shaken.")
    assert kit.withdrawn_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert kit.fixed_in == ("2.1",)
    assert kit.versions == {Version("0.9"), Version("3")}
    assert not kit.takes_back and not other.takes_back
    affected = ["0.9", "0.9.0", "1.0", "2.0a1", "2", "2.0.1", "2.1rc1", "2.1", "3.0", "nonsense"]
    assert [kit.affects(version) for version in affected] == [*(1, 1, 0, 0, 1, 1, 1, 0, 1, 0)]


RANGES = {
    "from the first one": ([{"introduced": "0"}, {"fixed": "1.0"}], ["0", "0a1.dev0", "0.9"], ["1.0", "2"]),
    "up to and with": ([{"introduced": "1"}, {"last_affected": "1.5"}], ["1.0", "1.5"], ["0.9", "1.5.1"]),
    "without end": ([{"introduced": "1"}], ["1", "99"], ["0.9"]),
    "twice": (
        [{"introduced": "0"}, {"fixed": "1"}, {"introduced": "2"}, {"fixed": "3"}],
        ["0.1", "2.5"],
        ["1", "1.9", "3"],
    ),
    "without a beginning": ([{"fixed": "1"}], [], ["0.1", "1"]),
    "without a version": ([{"introduced": "next"}, {"limit": "*"}, 7], [], ["1"]),
}


@pytest.mark.parametrize(("events", "within", "beside"), RANGES.values(), ids=RANGES.keys())
def test_ranges_are_told_by_events(events, within, beside):
    affected = {"package": {"ecosystem": "PyPI", "name": "demo"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    (report,) = reports_of({"id": "A-1", "affected": [affected]})
    assert [version for version in (*within, *beside) if report.affects(version)] == within


@pytest.mark.parametrize(
    "record", [None, [], {}, {"id": 7}, {"id": "a b", "affected": RECORD["affected"]}, {"id": "", "affected": 1}]
)
def test_what_is_no_record_makes_no_report(record):
    try:
        assert list(reports_of(record)) == []
    except Invalid as refusal:
        assert refusal.sentence


REPORT = {
    "project": "Demo.Kit",
    "versions": ["1.0", "2.0"],
    "id": "PYSEC-2026-1",
    "link": "https://osv.dev/vulnerability/PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
}


def test_a_report_says_less():
    report = report_of(REPORT)
    assert (report.project, report.versions) == ("demo-kit", {Version("1"), Version("2")})
    assert (report.summary, report.details, report.fixed_in, report.withdrawn_at) == (None, None, (), None)
    events = [{"introduced": "0"}, {"fixed": "3.0"}, {"fixed": "2.0.post1"}, {}]
    assert report_of({**REPORT, "events": events}).fixed_in == ("3.0", "2.0.post1")
    assert report_of({**REPORT, "link": "javascript:alert(1)"}).link is None
    assert report_of({**REPORT, "withdrawn": "soon"}).withdrawn_at is None


@pytest.mark.parametrize(
    ("identifier", "page"),
    [
        ("CVE-2026-1234", "https://www.cve.org/CVERecord?id=CVE-2026-1234"),
        ("GHSA-aaaa-0bbb-cccc", "https://github.com/advisories/GHSA-aaaa-0bbb-cccc"),
        ("PYSEC-2026-1", "https://osv.dev/vulnerability/PYSEC-2026-1"),
        ("CVE-2026-1234/../x", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_who_calls_it_so_has_a_page_of_it(identifier, page):
    assert page_of(identifier) == page


def test_a_report_without_versions_takes_back():
    assert report_of({**REPORT, "versions": []}).takes_back
    assert not report_of({**REPORT, "versions": ["bogus"]}).takes_back


@pytest.mark.parametrize("lacking", list(REPORT))
def test_a_report_that_lacks_something_is_refused(lacking):
    with pytest.raises(Invalid, match="has a project, versions, an id, a link and aliases"):
        report_of({key: value for key, value in REPORT.items() if key != lacking})


@pytest.mark.parametrize(
    "changes",
    [
        {"project": "no name"},
        {"versions": {}},
        {"id": "ä"},
        {"id": "x" * 300},
        {"versions": [str(number) for number in range(MOST_VERSIONS + 1)]},
    ],
)
def test_a_report_that_cannot_be_is_refused(changes):
    with pytest.raises(Invalid):
        report_of({**REPORT, **changes})
