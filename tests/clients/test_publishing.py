"""twine and uv publish."""

from __future__ import annotations

import pytest

from tests.builders import sdist, wheel
from tests.clients.tools import BIN, Desk
from tests.served import Served


def test_twine_publishes_a_wheel_and_an_sdist(index, token, desk):
    dists = [
        wheel(
            "served-twine", "1.0", summary="A wheel.", description="# Hello\n", description_content_type="text/markdown"
        ),
        sdist(
            "served-twine", "1.0", summary="A wheel.", description="# Hello\n", description_content_type="text/markdown"
        ),
    ]
    desk.twine(*desk.write(*dists), token=token, url=index.upload_url)
    assert {file["filename"]: file["hashes"]["sha256"] for file in index.files("served-twine")} == {
        dist.filename: dist.sha256 for dist in dists
    }


def test_twine_publishes_what_a_build_backend_made(index, token, desk):
    project = desk.home / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "README.md").write_text("# Built\n\nBy **setuptools**.\n")
    (project / "served_built.py").write_text("answer = 42\n")
    desk.run(BIN / "python", "-m", "build", "--no-isolation", "--quiet", project)
    built = sorted((project / "dist").iterdir())
    assert [path.name for path in built] == ["served_built-1.0-py3-none-any.whl", "served_built-1.0.tar.gz"]
    desk.twine(*built, token=token, url=index.upload_url)
    python = desk.venv()
    desk.pip("install", "--index-url", index.simple_url, "served-built", python=python)
    assert desk.run(python, "-c", "import served_built; print(served_built.answer)").said == "42\n"


PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "served-built"
version = "1.0"
description = "Made by a real build backend."
readme = "README.md"
license = "MIT"
requires-python = ">=3.8"
classifiers = ["Programming Language :: Python :: 3"]

[project.urls]
Homepage = "https://example.com/"

[project.optional-dependencies]
more = ["served-nothing>=2; python_version < '3'"]
"""


def test_twine_may_publish_the_same_file_again(index, token, desk):
    paths = desk.write(wheel("served-again"))
    desk.twine(*paths, token=token, url=index.upload_url)
    desk.twine(*paths, token=token, url=index.upload_url)
    assert len(index.files("served-again")) == 1


def test_twine_says_why_a_file_was_refused_without_being_asked_for_details(index, token, desk):
    first, second = wheel("served-conflict", summary="One."), wheel("served-conflict", summary="Two.")
    desk.twine(*desk.write(first), token=token, url=index.upload_url)
    refused = desk.twine(*desk.write(second), token=token, url=index.upload_url, ok=False)
    assert f"File already exists ('{first.filename}', with blake2_256 hash '{first.blake2_256}')." in refused.text
    assert "Traceback" not in refused.said
    assert [file["hashes"]["sha256"] for file in index.files("served-conflict")] == [first.sha256]


def test_twine_skips_existing_files_when_asked_to(index, token, desk):
    first = wheel("served-skipped", summary="One.")
    desk.twine(*desk.write(first), token=token, url=index.upload_url)
    other, new = wheel("served-skipped", summary="Two."), wheel("served-skipped", "1.1")
    skipped = desk.twine("--skip-existing", *desk.write(other, new), token=token, url=index.upload_url)
    assert "Skipping served_skipped-1.0-py3-none-any.whl because it appears to already exist" in skipped.text
    files = {file["filename"]: file["hashes"]["sha256"] for file in index.files("served-skipped")}
    assert files == {first.filename: first.sha256, new.filename: new.sha256}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (wheel("os"), "isn't allowed"),
        (wheel("served-bad", tag="cp313-cp313-win31"), "has an unsupported platform tag 'win31'"),
    ],
)
def test_twine_shows_the_sentence_of_other_refusals(index, token, desk, bad, sentence):
    refused = desk.twine(*desk.write(bad), token=token, url=index.upload_url, ok=False)
    assert sentence in refused.text


def test_twine_with_a_wrong_token_is_told_so(index, desk):
    refused = desk.twine(*desk.write(wheel("served-wrong")), token="pypi-AgEI", url=index.upload_url, ok=False)
    assert "403" in refused.text
    assert index.get("/simple/served-wrong/").status == 404


def publish_with_uv(desk: Desk, index: Served, token: str, *arguments: object, ok: bool = True) -> str:
    command = ("publish", "--publish-url", index.upload_url, "--token", token, "--trusted-publishing", "never")
    return desk.uv(*command, *map(str, arguments), ok=ok).text


def test_uv_publishes_a_wheel_and_an_sdist(index, token, desk):
    dists = [wheel("served-uv", summary="Small."), sdist("served-uv", summary="Small.")]
    publish_with_uv(desk, index, token, *desk.write(*dists))
    assert {file["filename"]: file["hashes"]["sha256"] for file in index.files("served-uv")} == {
        dist.filename: dist.sha256 for dist in dists
    }


def test_uv_skips_files_that_the_check_address_has(index, token, desk):
    first = wheel("served-uv-check")
    publish_with_uv(desk, index, token, *desk.write(first))
    paths = desk.write(first, wheel("served-uv-check", "1.1"))
    said = publish_with_uv(desk, index, token, "--check-url", index.simple_url, *paths)
    assert f"File {first.filename} already exists, skipping" in said
    assert len(index.files("served-uv-check")) == 2


def test_uv_says_why_a_file_was_refused(index, token, desk):
    publish_with_uv(desk, index, token, *desk.write(wheel("served-uv-conflict", summary="One.")))
    paths = desk.write(wheel("served-uv-conflict", summary="Two."))
    assert "File already exists" in publish_with_uv(desk, index, token, *paths, ok=False)
    said = publish_with_uv(desk, index, token, "--check-url", index.simple_url, *paths, ok=False)
    assert "Local file and index file do not match" in said


@pytest.mark.slow
@pytest.mark.parametrize("version", ["6.2.0", "7.0.0"])
def test_other_versions_of_twine_publish_skip_and_show_refusals(index, token, desk, registry, version):
    program = registry.venv(f"twine=={version}").parent
    name = f"served-twine-{version.replace('.', '-')}"
    desk.twine(*desk.write(wheel(name, summary="One.")), token=token, url=index.upload_url, folder=program)
    other = desk.write(wheel(name, summary="Two."))
    refused = desk.twine(*other, token=token, url=index.upload_url, folder=program, ok=False)
    assert "File already exists" in refused.text
    desk.twine("--skip-existing", *other, token=token, url=index.upload_url, folder=program)
    assert len(index.files(name)) == 1
