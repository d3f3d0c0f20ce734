"""An index that is a mirror: how it becomes one, and what it refuses while it is one."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.builders import wheel
from warehouse.domain.packaging import ProjectStatus
from warehouse.errors import Conflict, Invalid, NotAllowed
from warehouse.operations.mirroring import begin_mirroring, end_mirroring
from warehouse.operations.projects import find_project, remove_project, set_project_status

ORIGIN = "https://packages.example.org/"

INSERT_ANYWAY = text("INSERT INTO mirror (origin) VALUES ('https://packages.example.org/')")


def begin(index, origin=ORIGIN, *names):
    with index.work() as work:
        return begin_mirroring(work, origin, names).names


def test_an_empty_index_becomes_a_mirror_and_goes_on_being_one(index):
    begin(index)
    begin(index, ORIGIN.rstrip("/"))


def test_an_index_with_projects_does_not_become_one(index):
    ada = index.user("ada")
    index.upload(wheel("demo", "1.0"), by=ada)
    with pytest.raises(Conflict, match="projects of its own"):
        begin(index)
    with index.work() as work:
        remove_project(work, find_project(work, "demo"))
    with pytest.raises(Conflict, match="projects of its own"):
        begin(index)


def test_a_mirror_stays_with_its_origin_and_its_projects(index):
    assert begin(index, ORIGIN, "B_b", "a") == ["a", "b-b"]
    begin(index, ORIGIN, "a", "b.b")
    with pytest.raises(Conflict, match=r"a mirror of https://packages\.example\.org/ already"):
        begin(index, "https://other.example.org", "a", "b-b")
    with pytest.raises(Conflict, match="--include a --include b-b"):
        begin(index)


@pytest.mark.parametrize(
    "origin",
    [
        *("", "packages.example.org", "ftp://example.org", "https://", "https://u:p@example.org"),
        *("http://a/?x", "http://[", "http://a:b/", "http://a\n/"),
    ],
)
def test_an_origin_is_an_address(index, origin):
    with pytest.raises(Invalid, match="Name the origin by its address"):
        begin(index, origin)


def test_a_name_that_no_project_can_have_is_refused(index):
    with pytest.raises(Invalid, match="'a/b' is not the name of a project"):
        begin(index, ORIGIN, "a/b")


def test_nobody_publishes_to_a_mirror(index):
    ada = index.user("ada")
    begin(index)
    answer = index.upload(wheel("demo", "1.0"), by=ada)
    sentence = f"This index is a mirror of {ORIGIN}: publish and change things there."
    assert (answer.status, answer.reason) == (403, sentence)
    assert index.journal() == []


def test_nothing_is_changed_on_a_mirror(index):
    ada = index.user("ada")
    index.upload(wheel("demo", "1.0"), by=ada)
    with index.work() as work:
        work.db.execute(INSERT_ANYWAY)
    before = index.journal()
    with pytest.raises(NotAllowed, match="is a mirror of"), index.work() as work:
        set_project_status(work, find_project(work, "demo"), ProjectStatus.ARCHIVED)
    with pytest.raises(NotAllowed, match="is a mirror of"), index.work() as work:
        remove_project(work, find_project(work, "demo"))
    assert index.journal() == before
    assert index.filenames("demo")


def test_a_mirror_becomes_an_index_of_its_own(index):
    ada = index.user("ada")
    begin(index)
    with index.work() as work:
        assert end_mirroring(work) == ORIGIN
    assert index.upload(wheel("demo", "1.0"), by=ada).status == 200
    with pytest.raises(Conflict, match="no mirror"), index.work() as work:
        end_mirroring(work)
