"""What the builders make is valid, deterministic, and described by its form."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from tests.builders import sdist, wheel


@pytest.mark.parametrize("build", [wheel, sdist])
def test_the_same_arguments_make_the_same_bytes(build):
    assert build("demo", "1.0", summary="One").content == build("demo", "1.0", summary="One").content
    assert build("demo", "1.0").content != build("demo", "1.1").content


def test_a_wheel_holds_its_metadata_record_and_licenses():
    built = wheel("Some.Thing", "1.0", licenses={"LICENSE": "Free."}, requires_dist=["idna>=3", "six"])
    assert built.filename == "some_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(built.content)) as archive:
        assert archive.namelist() == [
            "some_thing.py",
            "some_thing-1.0.dist-info/METADATA",
            "some_thing-1.0.dist-info/WHEEL",
            "some_thing-1.0.dist-info/licenses/LICENSE",
            "some_thing-1.0.dist-info/RECORD",
        ]
        assert archive.read("some_thing-1.0.dist-info/METADATA") == built.metadata
        assert archive.testzip() is None


def test_an_sdist_holds_its_metadata_below_one_directory():
    built = sdist("Some.Thing", "1.0", files={"pyproject.toml": None, "src/a.py": "a = 1\n"})
    assert built.filename == "some_thing-1.0.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(built.content)) as archive:
        names = ["some_thing-1.0/PKG-INFO", "some_thing-1.0/some_thing.py", "some_thing-1.0/src/a.py"]
        assert archive.getnames() == names
        member = archive.extractfile(names[0])
        assert member is not None
        assert member.read() == built.metadata


def test_the_form_is_what_an_upload_client_sends():
    built = wheel(
        "demo",
        "1.0",
        tag="cp313-cp313-manylinux_2_28_x86_64",
        summary="Ünïcode",
        classifiers=["Programming Language :: Python :: 3"],
        project_urls=["Home, https://example.com/", "Docs, https://example.com/docs"],
        requires_dist=["idna>=3"],
        description="# Demo\n\nText.\n",
        description_content_type="text/markdown",
    )
    assert built.form() == {
        ":action": ["file_upload"],
        "protocol_version": ["1"],
        "filetype": ["bdist_wheel"],
        "pyversion": ["cp313"],
        "md5_digest": [hashlib.md5(built.content).hexdigest()],
        "sha256_digest": [hashlib.sha256(built.content).hexdigest()],
        "blake2_256_digest": [hashlib.blake2b(built.content, digest_size=32).hexdigest()],
        "metadata_version": ["2.4"],
        "name": ["demo"],
        "version": ["1.0"],
        "summary": ["Ünïcode"],
        "classifiers": ["Programming Language :: Python :: 3"],
        "project_urls": ["Home, https://example.com/", "Docs, https://example.com/docs"],
        "requires_dist": ["idna>=3"],
        "description_content_type": ["text/markdown"],
        "description": ["# Demo\n\nText.\n"],
    }


def test_a_field_of_the_form_is_replaced_or_removed():
    form = sdist("demo", "1.0").form(version="2.0", md5_digest=None, _action="submit", license_file=["A", "B"])
    assert (form["version"], form[":action"], form["license_file"]) == (["2.0"], ["submit"], ["A", "B"])
    assert "md5_digest" not in form
