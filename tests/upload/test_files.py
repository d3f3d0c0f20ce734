"""The file itself: its name, its bytes, what is in the archive, and how it is stored."""

import hashlib
import io
import zipfile

import pytest

from tests.builders import sdist, wheel
from tests.upload.attempts import Attempt, accepted, blobs, refused, run, throw
from tests.upload.conftest import publisher
from warehouse.domain.site import FlagName
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project


@pytest.fixture
def ada(index):
    return index.user("ada")


def with_bytes(dist, content: bytes, **details) -> Attempt:
    """The attempt to upload other bytes under the file's name, with their digest."""
    digests = {"md5_digest": None, "blake2_256_digest": None, "sha256_digest": hashlib.sha256(content).hexdigest()}
    return Attempt(dist, content=content, changes=digests, **details)


@pytest.mark.parametrize(
    ("filename", "sentence"),
    [
        ("demo-1.0\x7f-py3-none-any.whl", "The file name holds control characters"),
        ("demo-1.0\t-py3-none-any.whl", "The file name holds control characters"),
        ("../demo-1.0-py3-none-any.whl", "The file name holds '/' or"),
        ("a\\demo-1.0-py3-none-any.whl", "The file name holds '/' or"),
        ("demo-1.0.egg", "The file name has no known extension"),
        ("demo-1.0-py3-none-any.WHL", "The file name has no known extension"),
        ("demo-1.0.tar.bz2", "The file name has no known extension"),
        ("demo-1.0.tar.gz", "The extension of the file name does not fit the filetype 'bdist_wheel'."),
        ("demo-1.0-1a" + "x" * 230 + "-py3-none-any.whl", "The file name is too long; at most 246 bytes"),
        ("demo-1.0.whl", "A wheel is named name-version-python-abi-platform.whl"),
        ("demo-one-py3-none-any.whl", "The version in the file name is not a valid version"),
        ("demo-1.0-b1-py3-none-any.whl", "The build tag in a wheel's file name must start with a digit."),
        ("demo__x-1.0-py3-none-any.whl", "The name in a wheel's file name is the normalised project name"),
        ("Demo-1.0-py3-none-any.whl", "The file name of this wheel must start with 'demo-'"),
        ("other-1.0-py3-none-any.whl", "The file name of this wheel must start with 'demo-'"),
        ("demo-1.1-py3-none-any.whl", "The version in the file name of this wheel is not the version in its metadata."),
        ("other-1.0-py3-none-beos.whl", "Binary wheel 'other-1.0-py3-none-beos.whl' has an unsupported platform tag"),
    ],
)
def test_the_name_of_a_wheel_is_checked(index, ada, filename, sentence):
    refused(index, Attempt(by=ada, filename=filename), 400, sentence)


@pytest.mark.parametrize(
    ("name", "version", "filename", "sentence"),
    [
        (
            "demo",
            "1.0",
            "demo-1.0.zip",
            "The file name of this source distribution must be 'demo-1.0.tar.gz' (PEP 625)",
        ),
        ("demo", "1.0", "demo-1.tar.gz", "The file name of this source distribution must be 'demo-1.0.tar.gz'"),
        ("demo", "1.0", "Demo-1.0.tar.gz", "The file name of this source distribution must be 'demo-1.0.tar.gz'"),
        ("some.thing", "1.0", "some.thing-1.0.tar.gz", "The file name of this source distribution must be 'some_thing"),
        ("some.thing", "1.0", "thing-1.0.tar.gz", "The file name must start with 'some_thing'"),
        ("demo", "1.0.post9", "demo-1.0-9.tar.gz", "The file name of this source distribution must be 'demo-1.0.post9"),
        ("demo", "1.0", "demo.tar.gz", "A source distribution is named name-version.tar.gz"),
        ("demo", "1.0", "demo-one.tar.gz", "The version in the file name is not a valid version"),
        (
            "demo",
            "1.0",
            "demo-1.0-py3-none-any.whl",
            "The extension of the file name does not fit the filetype 'sdist'",
        ),
    ],
)
def test_the_name_of_an_sdist_is_checked(index, ada, name, version, filename, sentence):
    refused(index, Attempt(sdist(name, version), by=ada, filename=filename), 400, sentence)


def test_names_are_written_in_one_way_and_versions_in_equal_ones(index, ada):
    accepted(index, Attempt(sdist("Some.Thing", "1.0"), by=ada))
    accepted(index, Attempt(wheel("Some.Thing", "1.0"), by=ada))
    assert index.filenames("some-thing") == ["some_thing-1.0-py3-none-any.whl", "some_thing-1.0.tar.gz"]


LINUX, MANYLINUX = "py3-none-linux_x86_64", "py3-none-manylinux_2_28_x86_64"


def test_wheels_for_this_linux_are_for_private_indexes(public, index_with):
    sentence = "Binary wheel 'demo-1.0-py3-none-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'."
    ada = publisher(public, "ada")
    refused(public, Attempt(wheel("demo", tag=LINUX), by=ada), 400, sentence)
    accepted(public, Attempt(wheel("demo", tag=MANYLINUX), by=ada))
    private = index_with()
    accepted(private, Attempt(wheel("local", tag=LINUX), by=private.user("bob")))


@pytest.mark.parametrize("content_type", ["", " ", "image/png", " IMAGE/svg+xml"])
def test_a_part_with_an_empty_type_or_a_picture_is_no_file(index, ada, content_type):
    refused(index, Attempt(by=ada, content_type=content_type), 400, "Invalid distribution file. Send the file with")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/zip"])
def test_a_part_may_have_any_other_type_or_none(index, ada, content_type):
    accepted(index, Attempt(by=ada, content_type=content_type))


def test_identical_bytes_under_another_name_exist_already(index, ada):
    first = wheel("demo", "1.0")
    accepted(index, Attempt(first, by=ada))
    other = with_bytes(wheel("demo", "1.1"), first.content, by=ada)
    sentence = f"File already exists ('{first.filename}', with blake2_256 hash '{first.blake2_256}')."
    refused(index, other, 400, sentence)


def test_the_same_name_with_other_bytes_exists_already_in_any_project(index, ada):
    first = wheel("demo", "1.0")
    accepted(index, Attempt(first, by=ada))
    stolen = Attempt(wheel("other", "1.0"), by=index.user("eve"), filename=first.filename)
    refused(index, stolen, 400, f"File already exists ('{first.filename}', with blake2_256 hash '{first.blake2_256}').")


def test_of_two_existing_files_the_one_with_the_name_is_told(index, ada):
    named, same = wheel("demo", "1.0"), wheel("demo", "1.1")
    accepted(index, Attempt(same, by=ada))
    accepted(index, Attempt(named, by=ada))
    refused(index, with_bytes(named, same.content, by=ada), 400, f"File already exists ('{named.filename}'")


def test_the_name_of_a_removed_file_is_never_used_again(index, ada):
    dist = wheel("demo", "1.0")
    accepted(index, Attempt(dist, by=ada))
    with index.work() as work:
        remove_file(work, find_project(work, "demo"), dist.filename)
    sentence = "This filename was previously used by a file that has since been deleted."
    refused(index, Attempt(dist, by=ada), 400, sentence)
    accepted(index, Attempt(wheel("demo", "1.0", build="1"), by=ada))


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"\x1f\x8b", bytes(1000), wheel().content[:-30], wheel().content + b"x"]
)
@pytest.mark.parametrize("build", [wheel, sdist])
def test_what_is_no_archive_is_no_distribution(index, ada, build, content):
    refused(
        index, with_bytes(build(), content, by=ada), 400, ("Invalid distribution file.", "ZIP archive not accepted")
    )


@pytest.mark.parametrize(
    ("dist", "sentence"),
    [
        (wheel(dist_info={"METADATA": None}), "Wheel demo-1.0-py3-none-any.whl does not contain the required file"),
        (wheel(dist_info={"WHEEL": None}), "Invalid distribution file."),
        (wheel(dist_info={"RECORD": None}), ""),
        (wheel(dist_info={"RECORD": b"\xff\n"}), ""),
        (wheel(dist_info={"entry_points.txt": "[console_scripts]\nde mo = demo:main\n"}), ""),
        (wheel(dist_info={"entry_points.txt": "not an ini file"}), ""),
        (sdist(top="."), "Invalid distribution file."),
        (sdist(files={"PKG-INFO": None}), "Invalid distribution file."),
        (wheel(license_file=["LICENSE"]), ""),
        (sdist(license_file=["LICENSE"]), ""),
    ],
)
def test_archives_that_installers_could_not_use_are_refused(index, ada, dist, sentence):
    refused(index, Attempt(dist, by=ada), 400, sentence)


def test_license_files_that_are_there_are_kept(index, ada):
    accepted(index, Attempt(wheel(licenses={"LICENSE": "Free."}), by=ada))
    accepted(index, Attempt(sdist(licenses={"LICENSE": "Free."}), by=ada))
    assert run(index, "SELECT license_files FROM releases") == [(["LICENSE"],)]


def test_a_record_that_leaves_out_a_file_is_accepted(index, ada):
    accepted(index, Attempt(wheel(dist_info={"RECORD": "demo.py,,\n"}), by=ada))


OBFUSCATED = {
    "demo.py": "from pyarmor_runtime_000000 import __pyarmor__\n__pyarmor__(__name__, __file__, b'PY000000')\n"
}


def test_obfuscated_code_is_refused_unless_operators_look_away(index, ada):
    dist = wheel(files=OBFUSCATED)
    refused(index, Attempt(dist, by=ada), 400, "Invalid distribution file.")
    throw(index, FlagName.DISABLE_UPLOAD_SCANNING)
    accepted(index, Attempt(dist, by=ada))


def test_obfuscated_code_can_be_allowed_by_setting(index_with):
    index = index_with(UPLOAD__SCAN_ARCHIVES="no")
    accepted(index, Attempt(wheel(files=OBFUSCATED), by=index.user("ada")))


def test_form_and_archive_must_agree_on_what_installers_act_on(index_with):
    strict, lenient = index_with(), index_with(UPLOAD__STRICT_METADATA="no")
    attempt = Attempt(wheel(), by=strict.user("ada"), changes={"requires_python": ">=3.11"})
    refused(strict, attempt, 400, "")
    accepted(lenient, attempt)


def test_a_file_is_stored_under_its_digest_with_all_that_is_known_of_it(index, ada):
    dist = wheel("demo", "1.0", tag="cp313-cp313-win_amd64")
    accepted(index, Attempt(dist, by=ada, headers={"user-agent": "uv/1"}))
    companion = hashlib.blake2b(dist.metadata, digest_size=32).hexdigest()
    assert blobs(index) == sorted([dist.blake2_256, companion])
    columns = (
        "filename, packagetype, python_version, size, md5, sha256, blake2_256, metadata_sha256, metadata_blake2_256, "
        "uploaded_via"
    )
    assert run(index, f"SELECT {columns} FROM files") == [
        (
            dist.filename,
            "bdist_wheel",
            "cp313",
            len(dist.content),
            dist.md5,
            dist.sha256,
            dist.blake2_256,
            hashlib.sha256(dist.metadata).hexdigest(),
            companion,
            "uv/1",
        )
    ]
    digest = dist.blake2_256
    assert index.simple("demo")["files"][0]["url"].endswith(f"/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{dist.filename}")


def test_an_sdist_has_no_companion(index, ada):
    dist = sdist()
    accepted(index, Attempt(dist, by=ada))
    assert blobs(index) == [dist.blake2_256]
    assert run(index, "SELECT metadata_sha256, metadata_blake2_256 FROM files") == [(None, None)]


def test_sboms_of_a_wheel_are_noted(index, ada):
    accepted(index, Attempt(wheel(dist_info={"sboms/demo.cdx.json": "{}"}), by=ada))
    assert run(index, "SELECT sboms FROM files")[0][0]


def test_a_bomb_is_refused(index, ada):
    buffer = io.BytesIO(wheel().content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(5):
            archive.writestr(zipfile.ZipInfo(f"zeros{number}"), bytes(16 * 1024**2), compress_type=zipfile.ZIP_DEFLATED)
    refused(index, with_bytes(wheel(), buffer.getvalue(), by=ada), 400, "Invalid distribution file.")
