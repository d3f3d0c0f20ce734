"""Reports are taken, corrected and taken back, and what is read about a release says what is wrong with it."""

from __future__ import annotations

import orjson
import psycopg
import pytest
from packaging.version import Version

from tests.builders import wheel
from tests.index import Index
from warehouse.domain.journal.writing import CHANNEL
from warehouse.domain.packaging.advisories import advisories_of
from warehouse.errors import NotAllowed, NotFound
from warehouse.infra.db import libpq_url
from warehouse.operations.advisories import Taken, listed, remove_advisory, take_osv_report, take_report
from warehouse.operations.projects import find_project
from warehouse.operations.releases import find_release, remove_release
from warehouse.standards.osv import Report
from warehouse.work import ANONYMOUS, SYSTEM

SAID = {
    "project": "demo",
    "versions": ["1.0", "1.1", "9.9"],
    "id": "PYSEC-2026-1",
    "link": "https://osv.dev/vulnerability/PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "summary": "It breaks.",
    "details": "Badly.",
    "events": [{"introduced": "0"}, {"fixed": "1.2"}],
    "withdrawn": None,
}
SHOWN = {
    "aliases": ["CVE-2026-1"],
    "details": "Badly.",
    "fixed_in": ["1.2"],
    "id": "PYSEC-2026-1",
    "link": "https://osv.dev/vulnerability/PYSEC-2026-1",
    "source": "osv",
    "summary": "It breaks.",
    "withdrawn": None,
}


@pytest.fixture
def demo(index: Index) -> Index:
    ada = index.user("ada")
    for version in ("1.0", "1.1", "1.2"):
        assert index.upload(wheel("demo", version), by=ada).status == 200
    return index


def report(index: Index, **changes: object) -> None:
    with index.work(SYSTEM) as work:
        take_osv_report(work, {**SAID, **changes})
    index.cache.drop("demo")  # as the notice has the follower do


def vulnerabilities(index: Index, *version: str) -> list[dict[str, object]]:
    answer = index.get(f"/pypi/{'/'.join(('demo', *version))}/json")
    assert isinstance(answer.body, bytes)
    return orjson.loads(answer.body)["vulnerabilities"]


def test_a_report_is_shown_with_the_releases_it_is_about(demo):
    report(demo)
    assert vulnerabilities(demo, "1.0") == vulnerabilities(demo, "1.1") == [SHOWN]
    assert vulnerabilities(demo, "1.2") == vulnerabilities(demo) == []
    with demo.work() as work:
        (known,) = advisories_of(work.db, find_project(work, "demo").id)
        assert (known.identifier, known.versions, known.aliases) == ("PYSEC-2026-1", ("1.0", "1.1"), ("CVE-2026-1",))


def test_a_report_replaces_the_one_before(demo):
    report(demo)
    report(demo, versions=["1.1", "1.2"], summary="It breaks twice.", events=None, withdrawn="2026-11-20T10:00:00Z")
    assert vulnerabilities(demo, "1.0") == []
    (shown,) = vulnerabilities(demo)
    assert shown == {**SHOWN, "summary": "It breaks twice.", "fixed_in": [], "withdrawn": "2026-11-20T10:00:00Z"}


def test_a_report_about_nothing_takes_back(demo):
    report(demo)
    report(demo, id="PYSEC-2026-2")
    report(demo, versions=[])
    report(demo, versions=[], id="PYSEC-2026-3")
    assert [one["id"] for one in vulnerabilities(demo, "1.0")] == ["PYSEC-2026-2"]


def test_a_report_about_versions_that_are_not_here_is_kept_without_releases(demo):
    report(demo, versions=["9.9"])
    with demo.work() as work:
        (known,) = advisories_of(work.db, find_project(work, "demo").id)
        assert known.versions == ()


def test_what_is_about_no_project_here_or_cannot_be_read_is_passed_over(demo, caplog):
    report(demo, project="other")
    report(demo, id=None)
    assert "was passed over: A report has a project, versions" in caplog.text
    with demo.work() as work:
        assert listed(work) == []


def test_one_vulnerability_may_be_of_several_projects(demo):
    demo.upload(wheel("other", "1.0"), by=demo.user("bob"))
    report(demo)
    report(demo, project="other", versions=["1.0"])
    assert [one["id"] for one in vulnerabilities(demo, "1.0")] == ["PYSEC-2026-1"]
    with demo.work() as work:
        assert [(name, number) for _, name, number in listed(work)] == [("demo", 2), ("other", 1)]
        assert [name for _, name, _ in listed(work, "other")] == ["other"]
        assert remove_advisory(work, "PYSEC-2026-1") == ["demo", "other"]
        with pytest.raises(NotFound):
            remove_advisory(work, "PYSEC-2026-1")


def test_pages_are_made_anew_when_something_changed_and_only_then(demo):
    def take(**changes: object) -> Taken:
        said = {"versions": frozenset([Version("1")]), "aliases": ("CVE-2026-1",), **changes}
        with demo.work(SYSTEM) as work:
            return take_report(work, Report(project="demo", identifier="A-1", **said))

    def heard() -> list[str]:
        return [notice.payload for notice in connection.notifies(timeout=0.1)]

    with psycopg.connect(libpq_url(demo.tools.database.url), autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        told = ["again demo"]
        assert (take(), heard()) == (Taken.NEW, told)
        assert (take(), heard()) == (Taken.SAME, [])
        assert (take(versions=frozenset([Version("1.1")])), heard()) == (Taken.CHANGED, told)
        assert (take(versions=frozenset([Version("1.1")]), summary="It breaks."), heard()) == (Taken.CHANGED, told)
        assert (take(takes_back=True), heard()) == (Taken.REMOVED, told)
        assert (take(takes_back=True), heard()) == (Taken.SAME, [])


def test_an_advisory_goes_with_its_releases_and_its_project(demo):
    report(demo)
    with demo.work() as work:
        project = find_project(work, "demo")
        remove_release(work, project, find_release(work, project, "1.0"))
    with demo.work() as work:
        (known,) = advisories_of(work.db, find_project(work, "demo").id)
        assert known.versions == ("1.1",)
        work.db.delete(find_project(work, "demo"))
    with demo.work() as work:
        assert listed(work) == []


def test_nobody_but_the_index_and_its_operators_notes_any(demo):
    with demo.work(ANONYMOUS) as work, pytest.raises(NotAllowed):
        take_report(work, Report(project="demo", identifier="A-1", versions=frozenset()))
    with demo.work(ANONYMOUS) as work, pytest.raises(NotAllowed):
        remove_advisory(work, "A-1")
