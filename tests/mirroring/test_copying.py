"""A mirror is a true copy: after every kind of change at the origin, and after having been killed."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.builders import sdist, wheel
from tests.mirroring.compared import difference, seen
from tests.served import COMMAND, Served, eventually, served
from tests.staff.people import let_everybody_in
from warehouse.domain.packaging import ProjectStatus
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
from warehouse.work import OPERATOR, Tools, Work, begin

RICH = {
    "summary": "What it is, in a “line”",
    "description": "# Title\n\nText with <markup> & more\n",
    "description_content_type": "text/markdown",
    "author": "Ada",
    "author_email": "Ada <ada@example.com>",
    "maintainer": "Eve",
    "maintainer_email": "eve@example.com",
    "keywords": "one, two",
    "home_page": "https://example.com/home",
    "download_url": "https://example.com/download",
    "project_url": [
        "Homepage, https://example.com/home",
        "Source, https://example.com/source",
        "Download, https://else",
    ],
    "classifier": ["Programming Language :: Python :: 3.10", "Programming Language :: Python :: 3.9"],
    "requires_dist": ["idna>=3", 'tomli; python_version < "3.11"'],
    "requires_python": ">=3.9",
    "provides_extra": ["fast"],
    "platform": ["linux", "any"],
    "dynamic": ["Classifier"],
    "license": "MIT",
}


@contextmanager
def changing(index: Served) -> Iterator[Work]:
    with index.tools() as tools, begin(tools, OPERATOR) as work:
        yield work


@pytest.fixture(scope="module")
def origin(tmp_path_factory) -> Iterator[Served]:
    """An index with a dozen projects, to which everything has happened already."""
    with served(tmp_path_factory.mktemp("origin"), WAREHOUSE_UPLOAD__OLD_FILENAMES="true") as index:
        index.publish(wheel("Rich.Project", "1.0", **RICH), sdist("Rich.Project", "1.0", **RICH))
        index.publish(wheel("Rich.Project", "1.1rc1", **{**RICH, "metadata_version": "2.5", "import_name": ["rich"]}))
        index.publish(*(wheel(f"plain-{number}", "1.0") for number in range(7)))
        index.publish(wheel("yanked", "1.0"), wheel("yanked", "2.0"), sdist("old", "0.1", suffix=".zip"))
        index.publish(wheel("gone", "1.0"), wheel("again", "1.0"), wheel("locked", "1.0"), wheel("asleep", "1.0"))
        index.publish(
            wheel("partly", "1.0"), wheel("partly", "1.0+local.1"), wheel("partly", "2.0"), wheel("partly", "3.0")
        )
        with changing(index) as work:
            yanked = find_project(work, "yanked")
            yank_release(work, yanked, find_release(work, yanked, "1.0"), reason='it "breaks" <everything>')
            yank_release(work, yanked, find_release(work, yanked, "2.0"))
            remove_project(work, find_project(work, "gone"))
            remove_project(work, find_project(work, "again"))
            set_project_status(work, find_project(work, "locked"), ProjectStatus.QUARANTINED, reason="malware")
            let_everybody_in(work)
            set_project_status(work, find_project(work, "asleep"), ProjectStatus.ARCHIVED, reason="done")
            partly = find_project(work, "partly")
            quarantine_release(work, partly, find_release(work, partly, "2.0"))
            remove_file(work, partly, "partly-3.0-py3-none-any.whl")
        index.publish(wheel("Again", "2.0"))
        yield index


@pytest.fixture(scope="module")
def copy(tmp_path_factory, origin) -> Iterator[Served]:
    """A mirror of it that is served."""
    with served(tmp_path_factory.mktemp("copy")) as index:
        index.run("mirror", origin.url, "--once")
        yield index


def test_everything_that_readers_see_is_the_same(origin, copy):
    assert difference(origin, copy) == []
    assert len(seen(copy)) > 60


def test_the_copy_is_whole(copy):
    assert "all is well" in copy.run("check").stdout


def test_the_feeds_are_the_same_so_that_mirrors_may_follow_a_mirror(origin, copy):
    path = "/api/journal/?since=0&limit=10000"
    assert copy.get(path).body == origin.get(path).body


def change_everything(origin: Served) -> None:
    origin.publish(
        wheel("plain-0", "1.1"), sdist("plain-1", "1.0"), wheel("brand-new", "1.0", **RICH), wheel("Plain.2", "2.0")
    )
    with changing(origin) as work:
        yanked = find_project(work, "yanked")
        unyank_release(work, yanked, find_release(work, yanked, "1.0"))
        yank_release(work, yanked, find_release(work, yanked, "2.0"), reason="another reason")
        set_project_status(work, find_project(work, "locked"), ProjectStatus.ACTIVE)
        set_project_status(work, find_project(work, "asleep"), ProjectStatus.DEPRECATED, reason="use new")
        set_project_status(work, find_project(work, "plain-3"), ProjectStatus.QUARANTINED)
        let_everybody_in(work)
        partly = find_project(work, "partly")
        clear_release(work, partly, find_release(work, partly, "2.0"))
        remove_release(work, partly, find_release(work, partly, "1.0+local.1"))
        remove_file(work, find_project(work, "plain-4"), "plain_4-1.0-py3-none-any.whl")
        remove_project(work, find_project(work, "plain-5"))
    origin.publish(
        wheel("partly", "1.0+local.1", files={"other.py": "1"}, filename="partly-1.0+local.1-1-py3-none-any.whl")
    )


def test_every_kind_of_change_is_copied(origin, copy):
    change_everything(origin)
    assert difference(origin, copy) != []
    copy.run("mirror", origin.url, "--once")
    assert difference(origin, copy) == []
    assert "all is well" in copy.run("check").stdout


def test_a_mirror_that_follows_hears_of_changes_at_once(origin, copy):
    with following(copy, origin) as process:
        for number in range(3):
            origin.publish(wheel("plain-6", f"2.{number}"))
            eventually(lambda: last(copy) == last(origin))
            assert difference(origin, copy) == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_mirror_refuses_uploads_and_a_second_process(origin, copy):
    assert copy.upload(wheel("plain-6", "9.9")).status == 403
    with following(copy, origin):
        eventually(
            lambda: "copies into this index already" in copy.run("mirror", origin.url, "--once", ok=False).stderr
        )


def test_only_the_included_projects_are_copied(origin, tmp_path):
    with served(tmp_path) as some:
        some.run("mirror", origin.url, "--once", "--include", "Rich_Project", "--include", "yanked")
        assert [project["name"] for project in some.get("/simple/", accept=JSON_ACCEPT).json()["projects"]] == [
            "Rich.Project",
            "yanked",
        ]
        for path in ("/simple/rich-project/", "/simple/yanked/"):
            assert some.get(path).body == origin.get(path).body
        origin.publish(wheel("yanked", "3.0"), wheel("plain-6", "3.0"))
        some.run("mirror", origin.url, "--once", "--include", "yanked", "--include", "rich-project")
        assert some.get("/simple/yanked/").body == origin.get("/simple/yanked/").body
        assert some.get("/simple/plain-6/").status == 404


def test_a_mirror_that_is_killed_whenever_it_has_done_something_becomes_the_same(origin, tmp_path):
    with served(tmp_path) as killed:
        with killed.tools() as tools:
            for _ in range(6):
                before = steps(tools)
                with following(killed, origin) as process:
                    eventually(lambda before=before: steps(tools) > before or last(killed) == last(origin))
                    process.kill()
        killed.run("mirror", origin.url, "--once")
        assert difference(origin, killed) == []
        assert "all is well" in killed.run("check").stdout


def test_an_index_that_is_stopped_does_not_wait_for_the_mirror_beside_it(origin, tmp_path):
    with served(tmp_path) as mirror:
        with following(mirror, origin):
            eventually(lambda: last(mirror) == last(origin))
            mirror.signal(signal.SIGTERM)
            assert mirror.wait() == 0
        assert "still uses it" not in mirror.log.read_text()


def steps(tools: Tools) -> int:
    """How many projects were copied, and how far the feed was read."""
    query = "SELECT (SELECT count(*) FROM mirrored_projects), (SELECT COALESCE(sum(serial), 0) FROM mirror)"
    return sum(map(int, tools.database.rows(query, {})[0]))


JSON_ACCEPT = "application/vnd.pypi.simple.v1+json"


def last(index: Served) -> int:
    return int(index.get("/api/journal/").json()["last"])


@contextmanager
def following(index: Served, origin: Served) -> Iterator[subprocess.Popen[bytes]]:
    with (index.data.parent / "mirror.log").open("ab") as log:
        process = subprocess.Popen([COMMAND, "mirror", origin.url], env=index._environ, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
