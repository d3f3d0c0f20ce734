"""Hundreds of real files: published by twine and uv, installed by pip and uv, byte for byte what they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.registry import LOCK, TARGETS, wheels_for
from tests.clients.tools import Desk
from tests.served import Served, served
from warehouse.standards.names import normalize

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

# Why these are not accepted: an installer of today would take them, but a new upload has to follow newer rules.
WHEEL_NAME = "use a newer build tool"
REFUSED = {
    # PEP 491 and the specification that came after it: the name in a wheel's file name is normalized.
    "PasteDeploy-3.1.0-py3-none-any.whl": WHEEL_NAME,
    "backports.tarfile-1.2.0-py3-none-any.whl": WHEEL_NAME,
    "jaraco.classes-3.4.0-py3-none-any.whl": WHEEL_NAME,
    # Metadata-Version 2.0, which was never accepted.
    "pymacaroons-0.13.0-py2.py3-none-any.whl": "is not a valid metadata version",
    # Normalized, it is called like the module importlib.metadata.
    "importlib_metadata-10.2.0-py3-none-any.whl": "conflicts with a module of the Python standard library",
}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An index of its own: its projects are called like real ones."""
    with served(tmp_path_factory.mktemp("mirror")) as index:
        yield index


@pytest.fixture(scope="module")
def corpus(registry) -> list[Path]:
    """The files, of which there are enough to mean something."""
    files = registry.corpus()
    assert len(files) > 200
    assert len({normalize(path.name.split("-")[0]) for path in files}) > 60
    return files


@pytest.fixture(scope="module")
def published(mirror, corpus, tmp_path_factory) -> dict[str, Path]:
    """What was published, half of it with each client, by file name."""
    desk = Desk(tmp_path_factory.mktemp("publisher"))
    good = [path for path in corpus if path.name not in REFUSED]
    desk.twine(*good[::2], token=mirror.token(), url=mirror.upload_url)
    desk.uv("publish", "--publish-url", mirror.upload_url, "--token", mirror.token(), *good[1::2])
    return {path.name: path for path in good}


def test_what_is_refused_is_known_and_explained(mirror, corpus, published, desk):
    said = {
        path.name: desk.twine(path, token=mirror.token(), url=mirror.upload_url, ok=False).text
        for path in corpus
        if path.name not in published
    }
    assert set(said) == set(REFUSED)
    assert [name for name, sentence in REFUSED.items() if sentence not in said[name]] == []


def test_every_file_is_what_it_was(mirror, published):
    shown = {}
    for name in {normalize(filename.split("-")[0]) for filename in published}:
        for file in mirror.files(name):
            shown[file["filename"]] = file["hashes"]["sha256"]
            assert mirror.digest_of(file) == file["hashes"]["sha256"]
    assert shown == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in published.items()}
    mirror.run("check")


def lock_without_the_refused(folder: Path) -> Path:
    """Our own lock file, less what is not in the index; its hashes come from elsewhere."""
    refused = {normalize(name.split("-")[0]) for name in REFUSED}
    entries = LOCK.read_text().replace("\\\n", "").splitlines(keepends=True)
    written = folder / "lock.txt"
    written.write_text("".join(entry for entry in entries if normalize(entry.partition("==")[0]) not in refused))
    return written


@pytest.mark.parametrize(("version", "platforms"), TARGETS)
def test_pip_downloads_everything_for_an_interpreter_with_the_right_hashes(mirror, published, desk, version, platforms):
    got = desk.home / "got"
    lock = lock_without_the_refused(desk.home)
    arguments = [str(lock) if argument == str(LOCK) else argument for argument in wheels_for(version, platforms)]
    desk.pip("download", "--dest", got, "--index-url", mirror.simple_url, *arguments)
    assert len(list(got.iterdir())) > 100
    assert {path.name for path in got.iterdir()} <= set(published)


def test_uv_installs_everything_with_the_right_hashes(mirror, published, desk):
    python = desk.venv()
    lock = lock_without_the_refused(desk.home)
    where = ("--default-index", mirror.simple_url, "--python", python)
    desk.uv("pip", "install", *where, "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", lock)
    assert len(desk.installed(python)) > 100


def test_uv_resolves_from_nothing_but_this_index(mirror, published, desk):
    """The dependencies of real projects, from metadata that this index serves."""
    python = desk.venv()
    where = ("--default-index", mirror.simple_url, "--python", python, "--only-binary", ":all:")
    desk.uv("pip", "install", *where, "flask", "requests", "moto", "pydantic-settings", "hypothesis", "sqlalchemy")
    desk.run(python, "-c", "import flask, requests, moto, pydantic, hypothesis, sqlalchemy")
