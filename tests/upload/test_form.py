"""The fields of the form: those that describe the file, and the core metadata beside them."""

import hashlib

import pytest

from tests.builders import sdist, wheel
from tests.upload.attempts import Attempt, accepted, refused, run

SPECIFICATION = "https://packaging.python.org/specifications/core-metadata/"


@pytest.fixture
def ada(index):
    return index.user("ada")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": None}, "Invalid value for name. Error: This field is required."),
        ({"name": ""}, "Invalid value for name. Error: This field is required."),
        ({"name": "UNKNOWN"}, "Invalid value for name. Error: This field is required."),
        ({"version": None}, "Invalid value for version. Error: This field is required."),
        ({"version": "1." * 120 + "1"}, "Invalid value for version. Error: Use at most 240 characters, not '1.1.1"),
        ({"version": "1.0", "name": None, "filetype": "x"}, "Invalid value for name."),
        ({"version": None, "filetype": "x"}, "Invalid value for version."),
        ({"filetype": None}, "Invalid value for filetype. Error: This field is required."),
        ({"filetype": "bdist_egg"}, "Invalid value for filetype. Error: Use a known file type: sdist or bdist_wheel."),
        ({"filetype": "bdist_wininst"}, "Invalid value for filetype."),
        ({"filetype": "SDIST"}, "Invalid value for filetype."),
        ({"sha256_digest": "zz", "filetype": "x"}, "Invalid value for filetype."),
        ({"sha256_digest": "zz", "blake2_256_digest": "z"}, "Invalid value for blake2_256_digest. Error: Use a valid"),
        ({"sha256_digest": "a" * 63}, "Invalid value for sha256_digest. Error: Use a valid, hex-encoded, 256-bit"),
        ({"sha256_digest": "a" * 64 + "\n"}, "Invalid value for sha256_digest."),
        ({"pyversion": None}, "Invalid value for pyversion. Error: Python version is required for wheels."),
        ({"pyversion": "p" * 241}, "Invalid value for pyversion. Error: Use at most 240 characters."),
        ({"pyversion": None, "metadata_version": "9.9"}, "Invalid value for pyversion."),
        ({"protocol_version": "2"}, "Unknown protocol version."),
        ({"protocol_version": "1.0"}, "Unknown protocol version."),
        (
            {"md5_digest": None, "sha256_digest": None, "blake2_256_digest": None},
            "Include at least one message digest: md5_digest, sha256_digest or blake2_256_digest.",
        ),
    ],
)
def test_fields_of_the_file_are_checked(index, ada, changes, sentence):
    refused(index, Attempt(by=ada, changes=changes), 400, sentence)


def test_metadata_has_an_end_that_the_description_does_not_share(index, ada):
    requirements = ["a" + ">=1," * 20_000 + ">=1"] * 14
    sentence = "The metadata beside the description has 11"
    refused(index, Attempt(by=ada, changes={"requires_dist": requirements}), 413, sentence)
    long = {"description": "a" * 1_000_000, "description_content_type": "text/plain", "keywords": "a" * 100_000}
    accepted(index, Attempt(by=ada, changes=long))


def test_an_sdist_is_for_source_only(index, ada):
    refused(index, Attempt(sdist(), by=ada, changes={"pyversion": "py3"}), 400, "Invalid value for pyversion. Error: ")
    accepted(index, Attempt(sdist(), by=ada, changes={"pyversion": None}))
    assert run(index, "SELECT python_version FROM files") == [("source",)]


def test_a_wheel_may_be_for_any_python(index, ada):
    accepted(index, Attempt(wheel(), by=ada, changes={"pyversion": "anything at all"}))
    assert run(index, "SELECT python_version FROM files") == [("anything at all",)]


@pytest.mark.parametrize("kept", ["md5_digest", "sha256_digest", "blake2_256_digest"])
def test_one_digest_is_enough_in_either_case_and_must_match(index, ada, kept):
    digests = dict.fromkeys(("md5_digest", "sha256_digest", "blake2_256_digest"))
    right = wheel().form()[kept][0]
    wrong = Attempt(by=ada, changes={**digests, kept: right[::-1]})
    sentence = "The digest supplied does not match a digest calculated from the uploaded file."
    refused(index, wrong, 400, sentence)
    accepted(index, Attempt(by=ada, changes={**digests, kept: right.upper()}))


def test_every_digest_must_match(index, ada):
    other = hashlib.sha256(b"other").hexdigest()
    refused(index, Attempt(by=ada, changes={"sha256_digest": other}), 400, "The digest supplied does not match")


def test_a_protocol_version_may_be_missing_and_fields_may_be_unknown(index, ada):
    changes = {"protocol_version": None, "colour": "green", "Description-Content-Type": "nonsense", "project-url": "x"}
    accepted(index, Attempt(by=ada, changes=changes))


def test_the_comment_is_kept_and_a_signature_is_not(index, ada):
    attempt = Attempt(by=ada, changes={"comment": "By hand.", "gpg_signature": "-----BEGIN"})
    attempt.files = [("gpg_signature", "demo.asc", "application/pgp-signature", b"\xff\xfe")]
    accepted(index, attempt)
    assert run(index, "SELECT comment FROM files") == [("By hand.",)]


def test_unknown_is_nothing_and_nul_is_made_visible(index, ada):
    changes = {"summary": ["UNKNOWN"], "author": " UNKNOWN ", "maintainer": "A\0B", "keywords": ["a", "UNKNOWN"]}
    accepted(index, Attempt(by=ada, changes=changes))
    query = "SELECT summary, author, maintainer, keywords FROM releases"
    assert run(index, query) == [(None, None, r"A\x00B", None)]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"])
def test_known_versions_of_core_metadata_are_accepted(index, ada, version):
    accepted(index, Attempt(wheel("demo", "1.0", metadata_version=version), by=ada))


@pytest.mark.parametrize(
    ("changes", "beginning"),
    [
        ({"metadata_version": "2.0"}, "Metadata-Version must be one of 1.0, 1.1"),
        ({"metadata_version": None}, "Metadata-Version is required."),
        ({"metadata_version": ["2.4", "2.4"]}, "Metadata-Version has invalid data"),
        ({"metadata_version": "2.0", "name": "-"}, "Metadata-Version must be one of"),
        ({"name": "-", "version": "x"}, "Name '-' is not valid"),
        ({"version": "one", "author_email": "@"}, "Version must be a valid version"),
        ({"summary": "a\nb"}, "Summary must be a single line"),
        ({"summary": "a" * 513}, "Summary must have at most 512 characters"),
        ({"summary": ["a", "b"]}, "Summary has invalid data"),
        ({"home_page": "ftp://example.com"}, "Home-page must be a valid http or https URL"),
        ({"download_url": "https://example.com:99999/"}, "Download-URL must be"),
        ({"author_email": "ada@localhost.test"}, "Author-email must start with a valid"),
        ({"classifiers": ["Nonsense :: Everything"]}, "Classifier is not valid"),
        ({"requires_dist": ["idna @ https://example.com/idna.whl"]}, "Requires-Dist"),
        ({"requires_dist": ["not a requirement!"]}, "Requires-Dist"),
        ({"requires_python": "three"}, "Requires-Python must be valid version specifiers"),
        ({"project_urls": ["Home"]}, "Project-URL"),
        ({"project_urls": ["Home, https://a.example/", "Home, https://b.example/"]}, "Project-URL has invalid data"),
        ({"project_urls": ["A" * 33 + ", https://a.example/"]}, "Project-URL"),
        ({"description_content_type": "text/html"}, "Description-Content-Type must be one of"),
        ({"provides_extra": ["not valid!"]}, "Provides-Extra"),
        ({"dynamic": ["Name"]}, "Dynamic must not list Name"),
        ({"license_expression": "Nonsense-1.0"}, "License-Expression must be a valid SPDX expression"),
        ({"license_expression": "MIT", "license": "MIT"}, "License and License-Expression must not be used together"),
        ({"license_file": ["../LICENSE"]}, "License-File"),
        ({"metadata_version": "2.3", "license_expression": "MIT"}, "License-Expression needs Metadata-Version 2.4"),
        ({"metadata_version": "1.1", "requires_python": ">=3"}, "Requires-Python needs Metadata-Version 1.2"),
    ],
)
def test_core_metadata_is_checked(index, ada, changes, beginning):
    answer = refused(index, Attempt(by=ada, changes=changes), 400, beginning)
    assert SPECIFICATION in answer.reason


def test_local_versions_are_for_private_indexes(public, index_with):
    local = wheel("demo", "1.0+cu124", filename="demo-1.0+cu124-py3-none-any.whl")
    answer = refused(public, Attempt(local, by=public.user("ada")), 400, "Version must not have a local segment")
    assert "#local-version-identifiers" in answer.reason
    private = index_with()
    accepted(private, Attempt(local, by=private.user("bob")))


def test_metadata_is_kept_as_the_first_file_states_it(index, ada):
    fields = {
        "summary": "A demo",
        "keywords": "one, two,,three",
        "platform": ["linux", "win32"],
        "author_email": "Ada <ada@example.com>",
        "requires_python": ">=3, <4",
        "requires_dist": ["idna>=3 ; python_version<'4'"],
        "provides_extra": ["Foo_Bar"],
        "dynamic": ["requires-dist"],
        "classifiers": ["Programming Language :: Python :: 3"],
        "project_urls": ["Home, https://example.com/"],
        "license_expression": "mit or APACHE-2.0",
    }
    accepted(index, Attempt(wheel("demo", "1.0", **fields), by=ada, headers={"user-agent": "twine/7"}))
    other = {"summary": "Another", "requires_python": ">=3.11"}
    accepted(index, Attempt(sdist("demo", "1.0.0", filename="demo-1.0.0.tar.gz", **other), by=ada))
    columns = (
        "version, canonical_version, summary, keywords, platforms, author_email, requires_python, requires_dist, "
        "provides_extra, dynamic, classifiers, project_urls, license_expression, uploaded_via"
    )
    assert [tuple(row) for row in run(index, f"SELECT {columns} FROM releases")] == [
        (
            "1.0",
            "1",
            "A demo",
            ["one", "two", "three"],
            ["linux", "win32"],
            "Ada <ada@example.com>",
            "<4,>=3",
            ['idna>=3; python_version < "4"'],
            ["foo-bar"],
            ["Requires-Dist"],
            ["Programming Language :: Python :: 3"],
            [{"url": "https://example.com/", "label": "Home", "verified": False}],
            "MIT OR Apache-2.0",
            "twine/7",
        )
    ]
    assert run(index, "SELECT requires_python FROM files") == [("<4,>=3",), ("<4,>=3",)]
