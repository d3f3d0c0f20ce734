"""pip and uv install from the index what was published to it."""

from __future__ import annotations

import json
import random

from tests.builders import sdist, wheel
from tests.clients.tools import Desk, requirements, urls_of
from tests.served import Served
from warehouse.operations.projects import find_project
from warehouse.operations.releases import find_release, yank_release
from warehouse.work import OPERATOR, begin


def test_pip_installs_a_project_and_what_it_requires(index, desk):
    index.publish(
        wheel("served-app", requires_dist=["served-library>=1"], files={"served_app.py": "import served_library\n"}),
        wheel("served-library", "1.5", files={"served_library.py": "value = 7\n"}),
    )
    python, report = desk.venv(), desk.home / "report.json"
    desk.pip("install", "--index-url", index.simple_url, "--report", report, "served-app", python=python)
    urls = urls_of(json.loads(report.read_text()))
    assert set(urls) == {"served-app", "served-library"}
    assert all(url.startswith(f"{index.url}/packages/") for url in urls.values())
    assert desk.run(python, "-c", "import served_app; print(served_app.served_library.value)").said == "7\n"


def test_pip_reads_metadata_instead_of_downloading_what_it_does_not_install(index, desk, watcher):
    versions = [wheel("served-many", f"1.{number}", requires_dist=[f"served-base=={number}"]) for number in range(6)]
    bases = [wheel("served-base", str(number)) for number in range(6)]
    index.publish(*versions, *bases)
    arguments = ("--index-url", f"{watcher.url}/simple/", "served-many", "served-base<3")
    desk.pip("install", *arguments, python=desk.venv())
    assert watcher.asked(".whl") == ["served_base-2-py3-none-any.whl", "served_many-1.2-py3-none-any.whl"]
    assert len(watcher.asked(".whl.metadata")) >= 4


def test_pip_refuses_a_file_whose_hash_is_not_the_required_one(index, desk):
    dists = [wheel("served-hashed"), sdist("served-hashed", "1.1")]
    index.publish(*dists)
    listed = desk.home / "requirements.txt"
    arguments = ("download", "--no-deps", "--require-hashes", "-r", listed, "-d", desk.home / "got")
    listed.write_text(requirements(dists[:1]))
    desk.pip(*arguments, "--index-url", index.simple_url)
    assert (desk.home / "got" / dists[0].filename).read_bytes() == dists[0].content
    listed.write_text(f"served-hashed==1.0 --hash=sha256:{dists[1].sha256}\n")
    assert "DO NOT MATCH THE HASHES" in desk.pip(*arguments, "--index-url", index.simple_url, ok=False).text


def test_pip_builds_an_sdist(index, desk):
    index.publish(sdist("served-source", files={"pyproject.toml": IN_TREE, "backend.py": BACKEND}))
    python = desk.venv()
    desk.pip("install", "--index-url", index.simple_url, "served-source", python=python)
    assert desk.installed(python) == {"served-source": "1.0"}


# A backend that needs nothing from elsewhere: it writes the smallest wheel there is.
IN_TREE = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name, info = "served_source-1.0-py3-none-any.whl", "served_source-1.0.dist-info"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as archive:
        archive.writestr("served_source.py", open("served_source.py").read())
        archive.writestr(f"{info}/METADATA", open("PKG-INFO").read())
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(f"{info}/RECORD", "")
    return name
"""


def test_pip_lists_the_versions_of_a_project_however_its_name_is_spelled(index, desk):
    index.publish(*(wheel("Served.Listed", version) for version in ("1.0", "1.10", "1.9", "2.0rc1")))
    listed = desk.pip("index", "versions", "served_LISTED", "--index-url", index.simple_url)
    assert "Available versions: 1.10, 1.9, 1.0" in listed.text


def test_installers_skip_releases_for_another_python(index, desk):
    index.publish(
        wheel("served-python", "1.0", requires_python=">=3.8"), wheel("served-python", "2.0", requires_python=">=9")
    )
    one, other = desk.venv("one"), desk.venv("other")
    desk.pip("install", "--index-url", index.simple_url, "served-python", python=one)
    uv_install(desk, index, other, "served-python")
    assert desk.installed(one) == desk.installed(other) == {"served-python": "1.0"}


def test_installers_skip_a_yanked_release_unless_it_is_pinned(index, desk):
    index.publish(wheel("served-yanked", "1.0"), wheel("served-yanked", "2.0"))
    yank(index, "served-yanked", "2.0", reason="It eats files.")
    one, other = desk.venv("one"), desk.venv("other")
    desk.pip("install", "--index-url", index.simple_url, "served-yanked", python=one)
    uv_install(desk, index, other, "served-yanked")
    assert desk.installed(one) == desk.installed(other) == {"served-yanked": "1.0"}
    said = desk.pip("install", "--index-url", index.simple_url, "served-yanked==2.0", python=one)
    assert "It eats files." in said.text
    assert "It eats files." in uv_install(desk, index, other, "served-yanked==2.0")
    assert desk.installed(one) == desk.installed(other) == {"served-yanked": "2.0"}


def yank(index: Served, name: str, version: str, *, reason: str) -> None:
    with index.tools() as tools, begin(tools, OPERATOR) as work:
        project = find_project(work, name)
        yank_release(work, project, find_release(work, project, version), reason=reason)


def uv_install(desk: Desk, index: Served, python: object, *requirements: str) -> str:
    """What uv said when it installed these."""
    where = ("--default-index", index.simple_url, "--python", str(python))
    return desk.uv("pip", "install", *where, *requirements).text


def test_uv_locks_from_metadata_alone_and_installs_what_it_locked(index, desk, watcher):
    index.publish(
        wheel(
            "served-locked",
            "1.0",
            requires_dist=["served-part<2", 'served-extra; extra == "more"'],
            provides_extra="more",
        ),
        *(wheel("served-part", version, requires_dist=["served-leaf"]) for version in ("1.0", "1.1", "2.0")),
        wheel("served-leaf"),
        wheel("served-extra"),
    )
    project = desk.home / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["served-locked[more]"]\n'
        f'[[tool.uv.index]]\nurl = "{watcher.url}/simple/"\ndefault = true\n'
    )
    environ = {**desk.environ}
    environ.pop("UV_NO_CONFIG")
    desk.environ = environ  # the project's own configuration is what counts here
    desk.uv("lock", cwd=project)
    lock = (project / "uv.lock").read_text()
    assert watcher.asked(".whl") == []
    assert len(watcher.asked(".whl.metadata")) == 4
    for dist in (wheel("served-leaf"), wheel("served-extra")):
        assert f'hash = "sha256:{dist.sha256}", size = {len(dist.content)}' in lock
    desk.uv("sync", "--frozen", "--no-install-project", cwd=project)
    installed = desk.installed(project / ".venv" / "bin" / "python")
    assert installed == {"served-extra": "1.0", "served-leaf": "1.0", "served-locked": "1.0", "served-part": "1.1"}


def test_uv_refuses_a_file_whose_hash_is_not_the_required_one(index, desk):
    first, second = wheel("served-uv-hashed"), wheel("served-uv-hashed", "1.1")
    index.publish(first, second)
    listed, python = desk.home / "requirements.txt", desk.venv()
    arguments = (
        "pip",
        "install",
        "--require-hashes",
        "--default-index",
        index.simple_url,
        "--python",
        python,
        "-r",
        listed,
    )
    listed.write_text(f"served-uv-hashed==1.0 --hash=sha256:{second.sha256}\n")
    assert "Hash mismatch" in desk.uv(*arguments, ok=False).text
    listed.write_text(requirements([first]))
    desk.uv(*arguments)
    assert desk.installed(python) == {"served-uv-hashed": "1.0"}


def test_a_project_that_is_not_there_is_a_clear_answer(index, desk):
    said = desk.pip("install", "--index-url", index.simple_url, "served-nowhere", python=desk.venv(), ok=False)
    assert "No matching distribution found for served-nowhere" in said.text
    command = ("pip", "install", "--default-index", index.simple_url, "--python", desk.venv(), "served-nowhere")
    assert "served-nowhere was not found in the package registry" in desk.uv(*command, ok=False).text


def test_pip_reads_parts_of_a_wheel_when_it_sees_no_metadata_beside_it(index, desk, watcher):
    """``fast-deps`` asks for ranges, from the end of the file, until it has seen the metadata."""
    ballast = random.Random(1).randbytes(200_000)
    large = wheel("served-lazy", requires_dist=["served-lazy-part"], files={"served_lazy.bin": ballast})
    index.publish(large, wheel("served-lazy-part"))
    links = desk.home / "links.html"
    files = [*index.files("served-lazy"), *index.files("served-lazy-part")]
    links.write_text("".join(f'<a href="{watcher.url}{file["url"]}">{file["filename"]}</a>\n' for file in files))
    python = desk.venv()
    where = ("--no-index", "--find-links", links)
    desk.pip("install", "--use-feature=fast-deps", *where, "served-lazy", python=python)
    assert desk.installed(python) == {"served-lazy": "1.0", "served-lazy-part": "1.0"}
    partial = [seen for seen in watcher.seen if seen.range and large.filename in seen.path]
    assert partial
    assert {seen.status for seen in partial} == {206}
