"""The search index holds what can be installed, keeps up with the journal, and is made anew when it is of no use."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.builders import wheel
from warehouse.domain.journal import last_serial
from warehouse.domain.packaging import DependentCount, ProjectStatus, RecentDownloads
from warehouse.domain.site import MirroredProject
from warehouse.errors import Unavailable
from warehouse.follow.search import SearchKeeper, behind, rebuild_search, search_folder
from warehouse.infra.search import EmbeddedSearch, SearchWriter, Versions
from warehouse.infra.search.writing import read_mark
from warehouse.operations.projects import find_project, remove_project, set_project_status
from warehouse.operations.releases import find_release, quarantine_release, yank_release
from warehouse.operations.searching import Question, search

STOP = threading.Event()


class Keeping:
    """An index with the keeper of its search index, whose turns come when the test says so."""

    def __init__(self, index):
        self.index, self.tools = index, index.tools
        self.ada = index.user("ada")
        self.versions = Versions(search_folder(self.tools))
        self.begin()

    def begin(self):
        self.keeper = None  # which held the writer
        self.keeper = SearchKeeper(self.tools, self.versions)
        self.turn()

    def turn(self):
        self.keeper.turn(STOP)

    def publish(self, name="demo", version="1.0", **fields):
        assert self.index.upload(wheel(name, version, **fields), by=self.ada).status == 200

    def change(self, operation, name="demo", version=None, **details):
        with self.index.work() as work:
            project = find_project(work, name)
            if version is None:
                operation(work, project, **details)
            else:
                operation(work, project, find_release(work, project, version), **details)

    def found(self, text=""):
        return [(hit.name, hit.version) for hit in search(self.tools, Question(text)).hits]


@pytest.fixture
def keeping(index):
    return Keeping(index)


def test_without_an_index_searching_is_unavailable(index):
    with pytest.raises(Unavailable):
        search(index.tools, Question("demo"))


def test_what_is_published_yanked_and_removed_is_found_and_not(keeping):
    assert keeping.found() == []
    keeping.publish("demo-app", "1.0", summary="Boils eggs")
    keeping.publish("demo-app", "2.0b1")
    keeping.turn()
    assert keeping.found("boil egg") == keeping.found("demo_app") == [("demo-app", "1.0")]
    keeping.change(yank_release, "demo-app", "1.0")
    keeping.turn()
    assert keeping.found("demo-app") == [("demo-app", "2.0b1")]
    keeping.change(quarantine_release, "demo-app", "2.0b1")
    keeping.turn()
    assert keeping.found("demo-app") == []
    keeping.publish("demo-app", "3.0")
    keeping.turn()
    keeping.change(set_project_status, "demo-app", status=ProjectStatus.QUARANTINED)
    keeping.turn()
    assert keeping.found("demo-app") == []
    keeping.change(set_project_status, "demo-app", status=ProjectStatus.ACTIVE)
    keeping.turn()
    assert keeping.found("demo-app") == [("demo-app", "3.0")]
    keeping.change(remove_project, "demo-app")
    keeping.turn()
    assert keeping.found() == []


def test_following_gives_what_making_it_anew_gives(keeping):
    for name, version in (("one", "1.0"), ("two", "1.0"), ("one", "2.0"), ("three", "1.0a1")):
        keeping.publish(name, version, classifiers=["Topic :: Utilities"])
        keeping.turn()
    keeping.change(remove_project, "two")
    keeping.turn()
    followed = search(keeping.tools, Question(order="name"))
    former = keeping.versions.current()
    rebuild_search(keeping.tools)
    assert keeping.versions.current() != former
    assert not former.exists()
    assert search(keeping.tools, Question(order="name")) == followed
    keeping.publish("four")
    keeping.turn()  # on the version that was made meanwhile
    assert ("four", "1.0") in keeping.found()
    assert behind(keeping.tools, read_mark(keeping.versions.current())) == 0


def test_entries_that_come_twice_change_nothing(keeping):
    keeping.publish()
    keeping.turn()
    mark = keeping.versions.current() / "mark"
    mark.write_bytes(b'[0, ""]')  # as if it had been killed before it could write it
    keeping.begin()
    assert keeping.found() == [("demo", "1.0")]
    mark.unlink()
    keeping.begin()
    assert keeping.found() == [("demo", "1.0")]


def damage_nothing_but_the_list(version):
    (version / "meta.json").write_text("{")


def remove_parts(version):
    for part in version.glob("*.store"):
        part.unlink()


def cut_parts(version):
    for part in version.glob("*.idx"):
        part.write_bytes(part.read_bytes()[:20])


def name_another_version(version):
    version.with_name("current").write_text("v0-feed")


@pytest.mark.parametrize("damage", [damage_nothing_but_the_list, remove_parts, cut_parts, name_another_version])
def test_an_index_that_cannot_be_used_is_made_anew(keeping, damage):
    keeping.publish()
    keeping.turn()
    keeping.keeper = None
    damage(keeping.versions.current())
    keeping.begin()
    assert keeping.found() == [("demo", "1.0")]
    fresh = EmbeddedSearch(search_folder(keeping.tools))
    assert fresh.size == 1


def test_an_index_of_another_database_is_made_anew(keeping):
    keeping.publish()
    keeping.turn()
    version = keeping.versions.current()
    (version / "mark").write_bytes(b'[1, "other 2020-01-01"]')
    keeping.begin()
    assert keeping.versions.current() != version
    assert keeping.found() == [("demo", "1.0")]


def test_what_a_killed_process_left_half_made_is_removed(keeping):
    half = keeping.versions.fresh()
    keeping.begin()
    assert not half.exists()


def test_numbers_are_taken_over_without_an_entry_of_the_journal(keeping):
    keeping.publish("quiet")
    keeping.publish("busy")
    keeping.turn()
    with keeping.index.work() as work:
        day = datetime.now(UTC).date()
        work.db.add(RecentDownloads(normalized_name="busy", day=1, week=7, month=30, as_of=day))
        work.db.add(DependentCount(normalized_name="busy", number=3))
    keeping.begin()
    hits = search(keeping.tools, Question(order="most_used")).hits
    assert [(hit.name, hit.downloads, hit.dependents) for hit in hits] == [("busy", 30, 3), ("quiet", 0, 0)]


def test_what_a_mirror_gets_without_an_entry_of_the_journal_is_found(keeping):
    keeping.publish("late", summary="Peels apples")
    keeping.publish("other")
    keeping.turn()
    for serial, summary in ((1, "Boils eggs"), (2, "Bakes bread")):
        with keeping.index.work() as work:
            work.db.execute(text("DELETE FROM mirrored_projects"))
            work.db.execute(text("UPDATE releases SET summary = :summary"), {"summary": summary})
            work.db.add(MirroredProject(normalized_name="late", display="late", retold_serial=last_serial(work.db)))
        keeping.turn()
        assert keeping.found(summary) == [("late", "1.0")]
        keeping.publish(f"more-{serial}")
        keeping.turn()


def test_two_who_write_at_once_are_refused_by_the_engine(keeping):
    with pytest.raises(ValueError, match="LockBusy"):
        SearchWriter(keeping.versions.current())
