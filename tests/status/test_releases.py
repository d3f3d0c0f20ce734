"""Releases in quarantine and releases, files and projects that are removed, at every door."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import text

from tests.builders import sdist, wheel
from tests.index import JSON, Index
from warehouse.domain.audit import AuditEvent
from warehouse.domain.packaging import ProjectStatus
from warehouse.errors import NotAllowed, NotFound
from warehouse.operations.checking import check_index
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project, remove_project, set_project_status
from warehouse.operations.releases import (
    clear_release,
    find_release,
    quarantine_release,
    remove_release,
    unyank_release,
    yank_release,
)
from warehouse.work import OPERATOR, Actor


@pytest.fixture
def demo(index):
    """An index with two releases of a project of ada's; the newer one has two files."""
    index.ada = index.user("ada")
    for dist in (wheel("demo", "1.0"), wheel("demo", "2.0"), sdist("demo", "2.0")):
        assert index.upload(dist, by=index.ada).status == 200
    return index


def act(index: Index, operation, version: str | None = None, *, actor: Actor = OPERATOR, **details) -> None:
    with index.work(actor) as work:
        project = find_project(work, "demo")
        if version is None:
            operation(work, project, **details)
        else:
            operation(work, project, find_release(work, project, version), **details)


def urls(index: Index) -> list[str]:
    return [file["url"] for file in index.simple("demo")["files"]]


def is_served(index: Index, url: str) -> bool:
    try:
        return index.get(url).status == 200
    except NotFound:
        return False


class TestQuarantine:
    def test_hides_the_release_and_nothing_else(self, demo):
        before = urls(demo)
        assert all(is_served(demo, url) for url in [*before, f"{before[1]}.metadata"])
        act(demo, quarantine_release, "2.0", reason="malware")
        page = demo.simple("demo")
        assert (page["versions"], page["project-status"]) == (["1.0"], {"status": "active"})
        assert urls(demo) == before[:1]
        assert "2.0" not in demo.get("/simple/demo/").body.decode()
        assert [is_served(demo, url) for url in before] == [True, False, False]
        assert not is_served(demo, f"{before[1]}.metadata")
        assert demo.get("/pypi/demo/2.0/json").status == 404
        latest = orjson.loads(demo.get("/pypi/demo/json").body)
        assert (latest["info"]["version"], list(latest["releases"])) == ("1.0", ["1.0"])

    def test_ends_and_all_is_back(self, demo):
        before = demo.simple("demo")["files"]
        act(demo, quarantine_release, "2.0")
        act(demo, clear_release, "2.0")
        assert demo.simple("demo")["files"] == before
        assert all(is_served(demo, url) for url in urls(demo))
        assert orjson.loads(demo.get("/pypi/demo/json").body)["info"]["version"] == "2.0"

    def test_is_told_once_in_the_words_that_mirrors_know(self, demo):
        entries = len(demo.journal())
        for operation in (quarantine_release, quarantine_release, clear_release, clear_release):
            act(demo, operation, "2.0")
        assert demo.journal()[entries:] == ["release quarantined", "release quarantine cleared"]

    def test_keeps_its_reason_in_the_audit_trail(self, demo):
        act(demo, quarantine_release, "2.0", reason="malware")
        with demo.work() as work:
            event = work.db.query(AuditEvent).order_by(AuditEvent.id.desc()).first()
        assert (event.tag, event.details["reason"]) == ("project:release:quarantine:enter", "malware")

    def test_of_every_release_leaves_an_empty_page(self, demo):
        for version in ("1.0", "2.0"):
            act(demo, quarantine_release, version)
        page = demo.simple("demo")
        assert (page["files"], page["versions"]) == ([], [])
        assert demo.get("/pypi/demo/json").status == 404
        assert "/simple/demo/" in demo.get("/simple/").body.decode()

    @pytest.mark.parametrize("operation", [yank_release, unyank_release, remove_release])
    def test_leaves_the_release_to_those_who_run_the_index(self, demo, operation):
        act(demo, quarantine_release, "2.0")
        with pytest.raises(NotAllowed) as refusal:
            act(demo, operation, "2.0", actor=demo.actor(demo.ada))
        assert refusal.value.sentence == "demo 2.0 is in quarantine; only those who run this index can change it."
        act(demo, operation, "2.0")

    def test_keeps_the_files_of_the_release_from_its_owner(self, demo):
        act(demo, quarantine_release, "2.0")
        with pytest.raises(NotAllowed):
            act(demo, remove_file, actor=demo.actor(demo.ada), filename=sdist("demo", "2.0").filename)
        act(demo, remove_file, actor=demo.actor(demo.ada), filename=wheel("demo", "1.0").filename)

    def test_keeps_the_project_from_being_removed_by_its_owner(self, demo):
        act(demo, quarantine_release, "2.0")
        with pytest.raises(NotAllowed) as refusal:
            act(demo, remove_project, actor=demo.actor(demo.ada))
        assert refusal.value.sentence == (
            "demo 2.0 is in quarantine; only those who run this index can remove the project."
        )
        act(demo, remove_project)

    @pytest.mark.parametrize("operation", [quarantine_release, clear_release])
    def test_is_no_business_of_owners(self, demo, operation):
        with pytest.raises(NotAllowed):
            act(demo, operation, "2.0", actor=demo.actor(demo.ada))


def test_unyanking_what_is_not_yanked_tells_nobody(demo):
    entries = demo.journal()
    act(demo, unyank_release, "2.0")
    assert demo.journal() == entries


class TestRemoval:
    def test_of_a_release_takes_its_files_and_leaves_their_names_used(self, demo):
        before = urls(demo)
        act(demo, remove_release, "2.0", actor=demo.actor(demo.ada))
        assert urls(demo) == before[:1]
        assert [is_served(demo, url) for url in before] == [True, False, False]
        assert demo.get("/pypi/demo/2.0/json").status == 404
        assert demo.journal()[-1] == "remove release"
        refused = demo.upload(sdist("demo", "2.0"), by=demo.ada)
        assert (refused.status, refused.reason.startswith("This filename was previously used")) == (400, True)
        assert demo.upload(wheel("demo", "2.0", build="1"), by=demo.ada).status == 200
        assert demo.simple("demo")["versions"] == ["1.0", "2.0"]

    def test_of_a_project_frees_its_name_and_not_those_of_its_files(self, demo):
        before = urls(demo)
        act(demo, remove_project, actor=demo.actor(demo.ada))
        assert demo.get("/simple/demo/").status == demo.get("/pypi/demo/json").status == 404
        assert orjson.loads(demo.get("/simple/", accept=JSON).body)["projects"] == []
        assert not any(is_served(demo, url) for url in before)
        assert demo.journal()[-1] == "remove project"
        bob = demo.user("bob")
        assert demo.upload(wheel("demo", "1.0"), by=bob).status == 400
        assert demo.upload(wheel("demo", "3.0"), by=bob).status == 200
        assert demo.simple("demo")["versions"] == ["3.0"]
        assert demo.upload(wheel("demo", "3.1"), by=demo.ada).status == 403

    def test_keeps_sizes_true(self, demo):
        act(demo, remove_release, "2.0")
        with demo.work() as work:
            size = wheel("demo", "1.0").content
            assert find_project(work, "demo").total_size == len(size)
        act(demo, remove_file, filename=wheel("demo", "1.0").filename)
        with demo.work() as work:
            assert find_project(work, "demo").total_size == 0
            assert work.db.scalar(text("SELECT count(*) FROM releases")) == 1
        assert check_index(demo.tools).is_whole

    def test_of_what_is_not_there_is_refused_in_a_sentence(self, demo):
        with pytest.raises(NotFound, match=r"^demo has no release 9\.$"):
            act(demo, remove_release, "9")
        with pytest.raises(NotFound, match=r"^demo has no file 'x\.whl'\.$"):
            act(demo, remove_file, filename="x.whl")

    @pytest.mark.parametrize("operation", [remove_release, remove_project])
    def test_is_not_for_maintainers_nor_for_owners_of_what_is_in_quarantine(self, demo, operation):
        version = "1.0" if operation is remove_release else None
        with pytest.raises(NotAllowed):
            act(demo, operation, version, actor=demo.actor(demo.user("eve")))
        act(demo, set_project_status, status=ProjectStatus.QUARANTINED)
        with pytest.raises(NotAllowed):
            act(demo, operation, version, actor=demo.actor(demo.ada))
        act(demo, operation, version)
