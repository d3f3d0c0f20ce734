"""The bytes of the JSON API, and what becomes of metadata on the way into them."""

import json

import orjson
import pytest

from warehouse.standards.json_api import (
    MetadataPage,
    ReleaseFile,
    ReleaseMetadata,
    all_project_urls,
    metadata_json,
    project_page,
)

WHEEL = ReleaseFile(
    filename="demo-1.0-py3-none-any.whl",
    packagetype="bdist_wheel",
    python_version="py3",
    comment=None,
    size=1234,
    url="https://files.example/packages/aa/bb/cc/demo-1.0-py3-none-any.whl",
    md5="1" * 32,
    sha256="2" * 64,
    blake2_256="3" * 64,
    metadata_sha256="4" * 64,
    uploaded_at="2026-01-02T03:04:05.000000Z",
    requires_python=None,
    yanked=False,
    yanked_reason=None,
)
SDIST = WHEEL._replace(filename="demo-1.0.tar.gz", packagetype="sdist", python_version="source", metadata_sha256=None)
RELEASE = ReleaseMetadata("Demo", "1.0")
PAGE = MetadataPage(7, RELEASE, [WHEEL], {"1.0": [WHEEL], "0.9": []}, [("Owner", "ada")], "https://index.example")


def info(**changes):
    return orjson.loads(metadata_json(MetadataPage(1, ReleaseMetadata("Demo", "1.0", **changes), [])))["info"]


def test_keys_are_sorted_everywhere_and_one_line_ends_the_answer():
    links = [{"label": "Zoo", "url": "https://z.example"}, {"label": "Ant", "url": "https://a.example"}]
    page = MetadataPage(
        7,
        ReleaseMetadata("Demo", "1.0", summary="Größe 😀", project_urls=links),
        [SDIST, WHEEL],
        {"1.0": [SDIST, WHEEL], "1.10": [], "0.9": [], "1.9": []},
        [("Owner", "ada")],
    )
    written = metadata_json(page)
    text = json.dumps(json.loads(written), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    assert written.decode() == f"{text}\n"
    assert list(json.loads(written)["releases"]) == ["0.9", "1.0", "1.10", "1.9"]  # by their text


def test_the_page_of_a_release_says_nothing_of_other_releases():
    said = orjson.loads(metadata_json(MetadataPage(7, RELEASE, [WHEEL])))
    assert set(said) == {"info", "last_serial", "ownership", "urls", "vulnerabilities"}
    assert set(orjson.loads(metadata_json(PAGE))) == {*said, "releases"}


def test_a_file_says_all_that_is_known_of_it():
    assert orjson.loads(metadata_json(PAGE))["urls"] == [
        {
            "filename": "demo-1.0-py3-none-any.whl",
            "packagetype": "bdist_wheel",
            "python_version": "py3",
            "comment_text": None,
            "size": 1234,
            "url": "https://files.example/packages/aa/bb/cc/demo-1.0-py3-none-any.whl",
            "digests": {"md5": "1" * 32, "sha256": "2" * 64, "blake2b_256": "3" * 64},
            "md5_digest": "1" * 32,
            "core-metadata": {"sha256": "4" * 64},
            "has_sig": False,
            "downloads": -1,
            "upload_time": "2026-01-02T03:04:05",
            "upload_time_iso_8601": "2026-01-02T03:04:05.000000Z",
            "requires_python": None,
            "yanked": False,
            "yanked_reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"metadata_sha256": None}, {"core-metadata": False}, id="no metadata file"),
        pytest.param({"comment": "built by hand"}, {"comment_text": "built by hand"}, id="a comment"),
        pytest.param({"yanked": True, "yanked_reason": ""}, {"yanked": True, "yanked_reason": None}, id="no reason"),
        pytest.param({"yanked": True, "yanked_reason": "bad"}, {"yanked": True, "yanked_reason": "bad"}, id="a reason"),
        pytest.param({"requires_python": ">=3.9"}, {"requires_python": ">=3.9"}, id="requires python"),
    ],
)
def test_a_file_says_what_is_special_about_it(changes, expected):
    page = MetadataPage(7, RELEASE, [WHEEL._replace(**changes)])
    assert orjson.loads(metadata_json(page))["urls"][0].items() >= expected.items()


def test_what_a_release_does_not_state_is_null_and_only_texts_and_lists_that_always_exist_are_empty():
    said = info()
    assert {key for key, value in said.items() if value is not None} == {
        "classifiers", "description", "downloads", "name", "package_url", "project_url", "release_url", "version",
        "yanked",
    }  # fmt: skip
    assert (said["classifiers"], said["description"]) == ([], "")
    assert said["downloads"] == {"last_day": -1, "last_week": -1, "last_month": -1}


@pytest.mark.parametrize("field", ["requires_dist", "provides_extra", "dynamic", "license_files", "project_urls"])
def test_an_empty_list_is_null(field):
    assert info(**{field: []})[field] is None


@pytest.mark.parametrize(
    "field",
    [
        "summary", "author", "author_email", "maintainer", "maintainer_email", "home_page", "download_url", "license",
        "license_expression", "requires_python", "description", "description_content_type",
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["", " as given ", "UNKNOWN"])
def test_a_text_is_said_as_it_was_uploaded_also_when_it_is_empty(field, text):
    assert info(**{field: text})[field] == text


@pytest.mark.parametrize(("reason", "expected"), [(None, None), ("", None), ("broken", "broken")])
def test_a_yanked_release_says_why_if_anybody_did(reason, expected):
    said = info(yanked=True, yanked_reason=reason)
    assert (said["yanked"], said["yanked_reason"]) == (True, expected)


def test_of_vulnerabilities_and_organizations_it_says_that_there_are_none():
    said = orjson.loads(metadata_json(PAGE))
    assert said["vulnerabilities"] == []
    assert said["ownership"] == {"organization": None, "roles": [{"role": "Owner", "user": "ada"}]}


def test_lists_become_what_the_api_has_always_said():
    said = info(
        keywords=["one", "two words"],
        platforms=["linux", "any"],
        classifiers=[
            "Programming Language :: Python :: 3.10",
            "A :: Classifier :: No Longer Known",
            "Programming Language :: Python :: 3.9",
        ],
    )
    assert said["keywords"] == "one, two words"
    assert said["platform"] == "linux"
    assert said["classifiers"] == [
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.10",
        "A :: Classifier :: No Longer Known",
    ]


@pytest.mark.parametrize(
    ("home_page", "download_url", "listed", "expected"),
    [
        pytest.param(None, None, {}, {}, id="nothing"),
        pytest.param("https://h", "https://d", {}, {"Homepage": "https://h", "Download": "https://d"}, id="fields"),
        pytest.param("https://h", None, {"Home-Page": "https://h"}, {"Homepage": "https://h"}, id="repeated"),
        pytest.param(None, "https://d", {"download url": "https://d"}, {"Download": "https://d"}, id="repeated too"),
        pytest.param(
            "https://h", None, {"home page": "https://x"}, {"Homepage": "https://h", "home page": "https://x"},
            id="another home",
        ),
        pytest.param("https://h", None, {"Homepage": "https://x"}, {"Homepage": "https://x"}, id="same label"),
        pytest.param(
            None, "https://d", {"Downloads": "https://d"}, {"Download": "https://d", "Downloads": "https://d"},
            id="another label",
        ),
        pytest.param(None, None, {"Homepage": "https://h"}, {"Homepage": "https://h"}, id="only listed"),
        pytest.param("", "", {"Docs": "https://h"}, {"Docs": "https://h"}, id="empty fields"),
    ],
)  # fmt: skip
def test_home_page_and_download_url_stand_among_the_project_urls_once(home_page, download_url, listed, expected):
    links = [{"label": label, "url": url, "verified": False} for label, url in listed.items()]
    release = ReleaseMetadata("demo", "1", home_page=home_page, download_url=download_url, project_urls=links)
    assert all_project_urls(release) == expected


@pytest.mark.parametrize(
    ("site", "version", "expected"),
    [
        ("https://index.example", "1.0", "https://index.example/project/Demo.Name/1.0/"),
        ("", "1.0", "/project/Demo.Name/1.0/"),
        ("", "1!2.0+local.1", "/project/Demo.Name/1!2.0+local.1/"),
        ("", "1.0 final/€", "/project/Demo.Name/1.0%20final%2F%E2%82%AC/"),
    ],
)
def test_links_lead_to_the_pages_for_people(site, version, expected):
    page = MetadataPage(1, ReleaseMetadata("Demo.Name", version), [], site=site)
    said = orjson.loads(metadata_json(page))["info"]
    assert said["release_url"] == expected
    assert said["project_url"] == said["package_url"] == project_page(site, "Demo.Name")
