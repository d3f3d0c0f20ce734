"""What pip, uv and twine make of statuses, yanks, quarantine and namespaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import wheel
from tests.clients.tools import Desk, Run
from tests.index import JSON
from tests.served import Served, served
from tests.staff.people import let_everybody_in
from warehouse.domain.packaging import ProjectStatus
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.releases import clear_release, find_release, quarantine_release, yank_release
from warehouse.work import OPERATOR, begin


class Installer:
    """One of the tools, and an environment that it installs into."""

    def __init__(self, tool: str, index: Served, desk: Desk) -> None:
        self._tool = tool
        self._url = index.simple_url
        self._desk = desk
        self._python = desk.venv()

    def __call__(self, *what: str, ok: bool = True) -> Run:
        if self._tool == "pip":
            return self._desk.pip("install", "--index-url", self._url, *what, python=self._python, ok=ok)
        words = ("pip", "install", "--no-cache", "--default-index", self._url, "--python", self._python)
        return self._desk.uv(*words, *what, ok=ok)

    def installed(self) -> dict[str, str]:
        return self._desk.installed(self._python)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An index with namespaces, of which eve has one; ada publishes."""
    folder = tmp_path_factory.mktemp("named")
    with served(folder, WAREHOUSE_NAMESPACES__ENABLED="true") as index:
        index.token("eve")
        index.run("namespace", "grant", "reserved", "eve")
        yield index


def set_status(index: Served, name: str, status: ProjectStatus) -> None:
    with index.tools() as tools, begin(tools, OPERATOR) as work:
        set_project_status(work, find_project(work, name), status)
        let_everybody_in(work)


def change_release(index: Served, name: str, version: str, operation: Callable[..., None], **details: str) -> None:
    with index.tools() as tools, begin(tools, OPERATOR) as work:
        project = find_project(work, name)
        operation(work, project, find_release(work, project, version), **details)


@pytest.fixture(params=["pip", "uv"])
def install(request: pytest.FixtureRequest, index: Served, desk: Desk) -> Installer:
    """Each of the tools in turn."""
    return Installer(request.param, index, desk)


@pytest.fixture
def name(index: Served, request: pytest.FixtureRequest) -> str:
    """A project with two releases, of its own for each test and tool."""
    name = re.sub(r"[^a-z]+", "-", request.node.name.removeprefix("test_")).strip("-")
    index.publish(wheel(name, "1.0"), wheel(name, "2.0"))
    return name


def test_a_yanked_release_is_skipped_and_pinned(index, install, name):
    change_release(index, name, "2.0", yank_release, reason="broken on Windows")
    install(name)
    assert install.installed() == {name: "1.0"}
    said = install(f"{name}==2.0")
    assert install.installed() == {name: "2.0"}
    assert "broken on Windows" in said.text


def test_what_is_in_quarantine_is_not_there_until_it_is_cleared(index, install, name):
    set_status(index, name, ProjectStatus.QUARANTINED)
    install(name, ok=False)
    set_status(index, name, ProjectStatus.ACTIVE)
    change_release(index, name, "2.0", quarantine_release)
    install(name)
    assert install.installed() == {name: "1.0"}
    install(f"{name}==2.0", ok=False)
    change_release(index, name, "2.0", clear_release)
    install(f"{name}==2.0")
    assert install.installed() == {name: "2.0"}


@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED])
def test_what_is_archived_or_deprecated_is_installed(index, desk, name, status):
    set_status(index, name, status)
    install = Installer("uv", index, desk)
    install(name)
    assert install.installed() == {name: "2.0"}


def publish(desk: Desk, index: Served, tool: str, *paths: Path) -> Run:
    if tool == "twine":
        return desk.twine(*paths, token=index.token(), url=index.upload_url, ok=False)
    credentials = ("--token", index.token(), "--publish-url", index.upload_url, "--trusted-publishing", "never")
    return desk.uv("publish", *credentials, *paths, ok=False)


@pytest.mark.parametrize("tool", ["twine", "uv"])
def test_who_publishes_to_an_archived_project_reads_why_not(index, desk, name, tool):
    set_status(index, name, ProjectStatus.ARCHIVED)
    said = publish(desk, index, tool, *desk.write(wheel(name, "3.0")))
    assert f"The project '{name}' is archived and takes no new files." in said.text
    assert "403" in said.text


@pytest.mark.parametrize("tool", ["twine", "uv"])
def test_who_publishes_into_a_namespace_of_somebody_else_reads_why_not(index, desk, tool):
    said = publish(desk, index, tool, *desk.write(wheel("reserved-kit", "1.0")))
    assert "The name 'reserved-kit' is in the namespace 'reserved', which belongs to somebody else." in said.text
    assert "409" in said.text


def test_every_process_stops_serving_at_once_what_is_put_into_quarantine(index):
    index.publish(wheel("held", "1.0"))
    url = index.files("held")[0]["url"]
    paths = (url, f"{url}.metadata")
    for _ in range(20):  # each over a connection of its own, so that every worker keeps them in memory
        assert {index.get(path).status for path in paths} == {200}
        assert index.get("/simple/held/", accept=JSON).json()["files"]
    index.run("project", "quarantine", "held")
    index.run("user", "unfreeze", "ada")
    answers = [index.get(path).status for path in paths for _ in range(20)]
    pages = [index.get("/simple/held/", accept=JSON).json() for _ in range(20)]
    assert set(answers) == {404}
    assert {(len(page["files"]), page["project-status"]["status"]) for page in pages} == {(0, "quarantined")}
    set_status(index, "held", ProjectStatus.ACTIVE)
    assert {index.get(path).status for path in paths for _ in range(20)} == {200}


def test_every_process_tells_of_a_grant_at_once(index):
    def told() -> set[tuple[bool, ...]]:
        return {tuple(one["name"] == "early" for one in index.get("/namespaces").json()) for _ in range(20)}

    index.publish(wheel("early-bird", "1.0"))
    before = told()
    index.run("namespace", "grant", "early", "eve")
    pages = [index.get("/simple/early-bird/", accept=JSON).json()["namespaces"] for _ in range(20)]
    assert before == {(False,)}
    assert told() == {(True, False)}
    assert all(page == [{"name": "early", "owned": False}] for page in pages)
