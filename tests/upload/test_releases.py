"""Uploads and the release: found by version, described, closed after a while, its links verified."""

import pytest

from tests.builders import sdist, wheel
from tests.upload.attempts import Attempt, accepted, refused, run
from tests.upload.conftest import publisher
from warehouse.operations.descriptions import render_description

MARKDOWN = {"description_content_type": "text/markdown"}


@pytest.fixture
def ada(index):
    return index.user("ada")


def test_equal_versions_are_one_release(index, ada):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    accepted(index, Attempt(sdist("demo", "1.0.0"), by=ada))
    accepted(index, Attempt(sdist("demo", "1.0.1"), by=ada))
    assert run(index, "SELECT version FROM releases ORDER BY version_key") == [("1.0",), ("1.0.1",)]


@pytest.mark.parametrize(
    ("version", "expected"), [("1.0", False), ("1.0rc1", True), ("1.0.dev1", True), ("1.0.post1", False)]
)
def test_pre_releases_are_known_as_such(index, ada, version, expected):
    accepted(index, Attempt(sdist("demo", version), by=ada))
    assert run(index, "SELECT is_prerelease FROM releases") == [(expected,)]


def test_versions_sort_as_installers_sort_them(index, ada):
    for version in ("1.10", "1.9", "1.10rc1", "1.10.post1"):
        accepted(index, Attempt(sdist("demo", version), by=ada))
    versions = [version for (version,) in run(index, "SELECT version FROM releases ORDER BY version_key")]
    assert versions == ["1.9", "1.10rc1", "1.10", "1.10.post1"]


def test_only_one_sdist_per_release(index, ada):
    accepted(index, Attempt(sdist("demo", "1.0"), by=ada))
    second = Attempt(sdist("demo", "1.0.0"), by=ada)
    refused(index, second, 400, "Only one sdist may be uploaded per release.")


def test_a_public_release_closes_after_fourteen_days_and_a_private_one_never(public, index_with):
    ada = publisher(public, "ada")
    accepted(public, Attempt(wheel("demo", "1.0"), by=ada))
    run(public, "UPDATE releases SET created_at = now() - interval '14 days' + interval '1 minute'")
    accepted(public, Attempt(wheel("demo", "1.0", build="1"), by=ada))
    run(public, "UPDATE releases SET created_at = now() - interval '14 days 1 minute'")
    late = Attempt(wheel("demo", "1.0", build="2"), by=ada)
    refused(public, late, 400, "Uploading new files to releases older than 14 days is not allowed.")
    accepted(public, Attempt(wheel("demo", "1.1"), by=ada))
    accepted(index_with(), late)


def test_a_window_of_hours_is_told_in_hours(index_with):
    index = index_with(UPLOAD__RELEASE_WINDOW="12 h")
    ada = index.user("ada")
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    run(index, "UPDATE releases SET created_at = now() - interval '13 hours'")
    late = Attempt(wheel("demo", "1.0", build="1"), by=ada)
    refused(index, late, 400, "Uploading new files to releases older than 12 h is not allowed.")


class TestDescriptions:
    """What a release says about itself."""

    @pytest.mark.parametrize(
        ("fields", "html"),
        [
            ({"description": "*One*", **MARKDOWN}, "<p><em>One</em></p>\n"),
            ({"description": "*One*"}, "<p><em>One</em></p>\n"),
            ({"description": "<One>", "description_content_type": "text/plain"}, '<pre tabindex="0">&lt;One&gt;</pre>'),
            ({"description": "*One*", "description_content_type": "text/markdown; variant=CommonMark"}, "<p><em>One"),
        ],
    )
    def test_are_kept_raw_and_rendered(self, index, ada, fields, html):
        accepted(index, Attempt(wheel(), by=ada, changes=fields))
        ((release_id,),) = run(index, "SELECT release_id FROM descriptions")
        with index.work() as work:
            render_description(work, release_id)
        (raw, rendered), *_ = run(index, "SELECT raw, html FROM descriptions")
        assert (raw, rendered[: len(html)]) == (fields["description"], html)

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"description": "`broken"}, "The description failed to render as reStructuredText, the default as no"),
            (
                {"description": "`x", "description_content_type": "text/x-rst"},
                "The description failed to render as reSt",
            ),
            ({"description": "a " * 2**19 + "a", **MARKDOWN}, "The description is longer than 1048576 characters."),
        ],
    )
    def test_that_do_not_render_are_refused(self, index, ada, fields, sentence):
        refused(index, Attempt(wheel(), by=ada, changes=fields), 400, sentence)

    def test_are_those_of_the_first_file_but_later_ones_must_render_too(self, index, ada):
        accepted(index, Attempt(wheel(), by=ada, changes={"description": "One", **MARKDOWN}))
        refused(index, Attempt(sdist(), by=ada, changes={"description": "`broken"}), 400, "The description failed")
        refused(
            index, Attempt(sdist(), by=ada, changes={"description": "`One", "summary": "x"}), 400, "The description"
        )
        accepted(index, Attempt(sdist(), by=ada, changes={"description": "Two", **MARKDOWN}))
        assert run(index, "SELECT raw FROM descriptions") == [("One",)]

    def test_are_judged_by_their_type_even_when_the_text_is_the_same(self, index, ada):
        accepted(index, Attempt(wheel(), by=ada, changes={"description": "`broken", **MARKDOWN}))
        refused(index, Attempt(sdist(), by=ada, changes={"description": "`broken"}), 400, "The description failed")

    def test_may_be_missing(self, index, ada):
        accepted(index, Attempt(wheel(), by=ada))
        assert run(index, "SELECT * FROM descriptions") == []


SITE = "https://packages.example.org"


class TestVerifiedLinks:
    """Only what the index itself can vouch for is marked as verified."""

    @pytest.fixture
    def site(self, index_with):
        index = index_with(SITE__URL=SITE)
        index.ada = index.user("ada", verified=True)
        return index

    def links(self, index):
        columns = "home_page_verified, download_url_verified, project_urls"
        home, download, urls = run(index, f"SELECT {columns} FROM releases")[0]
        return home, download, {link["label"]: link["verified"] for link in urls or ()}

    def test_the_projects_own_pages_are(self, site):
        changes = {
            "home_page": f"{SITE}/project/demo/",
            "download_url": f"{SITE}/project/other/",
            "project_urls": [f"Short, {SITE}/p/Demo", "Elsewhere, https://example.com/project/demo"],
        }
        accepted(site, Attempt(wheel("Demo"), by=site.ada, changes=changes))
        assert self.links(site) == (True, False, {"Short": True, "Elsewhere": False})

    def test_without_an_address_of_its_own_an_index_vouches_for_nothing(self, index, ada):
        accepted(index, Attempt(wheel(), by=ada, changes={"home_page": f"{SITE}/project/demo/"}))
        assert self.links(index)[0] is False

    def test_later_files_verify_the_same_links_and_no_others(self, site):
        page, other = f"{SITE}/project/demo/", f"{SITE}/p/demo"
        first = {"home_page": page, "download_url": page, "project_urls": [f"Page, {page}", f"Other, {other}"]}
        accepted(site, Attempt(wheel(), by=site.ada, changes=first))
        unverified = (
            "UPDATE releases SET home_page_verified = false, download_url_verified = false, project_urls = "
            "replace(project_urls::text, 'true', 'false')::jsonb"
        )
        run(site, unverified)
        accepted(site, Attempt(wheel(build="1"), by=site.ada, changes={**first, "project_urls": None}))
        assert self.links(site) == (False, False, {"Page": False, "Other": False})
        second = {"home_page": page, "download_url": other, "project_urls": [f"Page, {page}", f"Another, {other}"]}
        accepted(site, Attempt(wheel(build="2"), by=site.ada, changes=second))
        assert self.links(site) == (True, False, {"Page": True, "Other": False})

    def test_links_are_never_marked_down(self, site):
        page = f"{SITE}/project/demo/"
        accepted(site, Attempt(wheel(), by=site.ada, changes={"home_page": page, "project_urls": [f"Page, {page}"]}))
        others = {"home_page": "https://example.com/", "project_urls": ["Page, https://example.com/"]}
        accepted(site, Attempt(wheel(build="1"), by=site.ada, changes=others))
        assert self.links(site) == (True, False, {"Page": True})

    @pytest.mark.parametrize(
        ("shown", "proven", "expected"), [(True, True, True), (False, True, False), (True, False, False)]
    )
    def test_addresses_are_when_a_collaborator_shows_and_proved_them(self, site, shown, proven, expected):
        run(site, "UPDATE emails SET is_public = :shown, is_verified = :proven", shown=shown, proven=proven)
        changes = {"author_email": "Ada <ADA@example.com>", "maintainer_email": "bob@example.com"}
        accepted(site, Attempt(wheel(), by=site.ada, changes=changes))
        columns = "author_email_verified, maintainer_email_verified"
        assert run(site, f"SELECT {columns} FROM releases") == [(expected, False)]
