"""What scripts, dashboards and lock-file tools read about a project and its releases."""

import re
import zlib

import orjson
import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from tests.builders import sdist, wheel
from tests.index import Index, basic
from tests.json_api.conftest import header, read
from warehouse.api.json import JsonPages
from warehouse.domain import journal
from warehouse.domain.journal import Change
from warehouse.domain.packaging import Project, ProjectStatus, Release, Role, RoleName
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.releases import find_release, unyank_release, yank_release
from warehouse.sources.metadata import MetadataSource

RICH = wheel(
    "Demo.Kit",
    "1.0",
    metadata_version="2.4",
    summary="A kit",
    description="# Demo\n\nGrüße\n",
    description_content_type="text/markdown",
    author="Ada",
    author_email="Ada <ada@example.com>",
    maintainer="Bob",
    maintainer_email="bob@example.com",
    license_expression="MIT",
    licenses={"LICENSE": "Do as you please."},
    keywords="one, two",
    platform=["linux", "any"],
    classifiers=["Programming Language :: Python :: 3.10", "Programming Language :: Python :: 3.9"],
    home_page="https://demo.example/",
    download_url="https://demo.example/get",
    project_urls=["Source, https://demo.example/source", "Home Page, https://demo.example/"],
    requires_python=">=3.9",
    requires_dist=["idna>=3", "six; extra == 'old'"],
    provides_extra=["old"],
    dynamic=["classifier"],
)


@pytest.fixture
def demo(index):
    """An index with one project of three releases, one of which is a pre-release."""
    ada = index.user("ada")
    for dist in (wheel("demo", "1.0"), wheel("demo", "1.10"), sdist("demo", "1.10"), wheel("demo", "2.0rc1")):
        assert index.upload(dist, by=ada).status == 200
    return index


def change_release(index: Index, version: str, **values) -> None:
    """Set columns of a release outright, for what has no operation yet; the journal hears of the project."""
    with index.work() as work:
        project = find_project(work, "demo")
        release = find_release(work, project, version)
        for column, value in values.items():
            setattr(release, column, value)
        journal.add(work.db, Change.PROJECT_CHANGED, "touch", project="demo", normalized_name="demo")


def test_a_rich_upload_is_told_in_full(index_with):
    index = index_with(SITE__URL="https://index.example", SITE__FILES_URL="https://files.example")
    assert index.upload(RICH, by=index.user("ada"), comment="built by hand").status == 200
    said = read(index, "demo-kit")
    assert said["releases"] == {"1.0": said["urls"]}
    file = said["urls"][0]
    uploaded_at = file.pop("upload_time_iso_8601")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", uploaded_at)
    assert file == {
        "filename": RICH.filename,
        "packagetype": "bdist_wheel",
        "python_version": "py3",
        "comment_text": "built by hand",
        "size": len(RICH.content),
        "url": "https://files.example/"
        f"{RICH.blake2_256[:2]}/{RICH.blake2_256[2:4]}/{RICH.blake2_256[4:]}/{RICH.filename}",
        "digests": {"md5": RICH.md5, "sha256": RICH.sha256, "blake2b_256": RICH.blake2_256},
        "md5_digest": RICH.md5,
        "core-metadata": index.simple("demo-kit")["files"][0]["core-metadata"],
        "has_sig": False,
        "downloads": -1,
        "upload_time": uploaded_at[:19],
        "requires_python": ">=3.9",
        "yanked": False,
        "yanked_reason": None,
    }
    assert said["info"] == {
        "name": "Demo.Kit",
        "version": "1.0",
        "summary": "A kit",
        "description": "# Demo\n\nGrüße\n",
        "description_content_type": "text/markdown",
        "author": "Ada",
        "author_email": "Ada <ada@example.com>",
        "maintainer": "Bob",
        "maintainer_email": "bob@example.com",
        "license": None,
        "license_expression": "MIT",
        "license_files": ["LICENSE"],
        "keywords": "one, two",
        "platform": "linux",
        "classifiers": ["Programming Language :: Python :: 3.9", "Programming Language :: Python :: 3.10"],
        "home_page": "https://demo.example/",
        "download_url": "https://demo.example/get",
        "project_urls": {
            "Homepage": "https://demo.example/",
            "Download": "https://demo.example/get",
            "Source": "https://demo.example/source",
        },
        "requires_python": ">=3.9",
        "requires_dist": ["idna>=3", 'six; extra == "old"'],
        "provides_extra": ["old"],
        "dynamic": ["Classifier"],
        "package_url": "https://index.example/project/Demo.Kit/",
        "project_url": "https://index.example/project/Demo.Kit/",
        "release_url": "https://index.example/project/Demo.Kit/1.0/",
        "docs_url": None,
        "bugtrack_url": None,
        "downloads": {"last_day": -1, "last_week": -1, "last_month": -1},
        "yanked": False,
        "yanked_reason": None,
    }
    assert said["last_serial"] == len(index.journal())
    assert said["vulnerabilities"] == []
    assert said["ownership"] == {"organization": None, "roles": [{"role": "Owner", "user": "ada"}]}


def test_a_bare_upload_says_null_where_it_says_nothing(index):
    index.upload(sdist("demo", "1.0"), by=index.user("ada"))
    said = read(index, "demo")
    always = {
        "classifiers": [],
        "description": "",
        "downloads": {"last_day": -1, "last_week": -1, "last_month": -1},
        "name": "demo",
        "package_url": "/project/demo/",
        "project_url": "/project/demo/",
        "release_url": "/project/demo/1.0/",
        "version": "1.0",
        "yanked": False,
    }
    assert {key: value for key, value in said["info"].items() if value is not None} == always
    assert {key for key, value in said["urls"][0].items() if value is None} == {
        "comment_text", "requires_python", "yanked_reason",
    }  # fmt: skip
    assert said["urls"][0]["core-metadata"] is False
    assert said["urls"][0]["url"].startswith("/packages/")


def test_the_project_form_lists_every_release_and_the_release_form_one(demo):
    said = read(demo, "demo")
    assert said["info"]["version"] == "1.10"
    assert list(said["releases"]) == ["1.0", "1.10", "2.0rc1"]
    assert [file["filename"] for file in said["urls"]] == ["demo-1.10-py3-none-any.whl", "demo-1.10.tar.gz"]
    assert said["releases"]["1.10"] == said["urls"]
    one = read(demo, "demo", "1.0")
    assert "releases" not in one
    assert one["info"]["version"] == "1.0"
    assert one["urls"] == said["releases"]["1.0"]
    assert one["last_serial"] == said["last_serial"]


def test_the_latest_release_is_not_yanked_then_final_then_the_greatest(demo):
    def yank(version: str) -> str:
        with demo.work() as work:
            project = find_project(work, "demo")
            yank_release(work, project, find_release(work, project, version), reason=f"no {version}")
        return read(demo, "demo")["info"]["version"]

    assert read(demo, "demo")["info"]["version"] == "1.10"
    assert yank("1.10") == "1.0"
    assert yank("1.0") == "2.0rc1"  # a pre-release that is not yanked goes before finals that are
    assert yank("2.0rc1") == "1.10"  # all are yanked: the greatest final one
    said = read(demo, "demo")
    assert (said["info"]["yanked"], said["info"]["yanked_reason"]) == (True, "no 1.10")
    assert {(file["yanked"], file["yanked_reason"]) for file in said["urls"]} == {(True, "no 1.10")}
    with demo.work() as work:
        project = find_project(work, "demo")
        unyank_release(work, project, find_release(work, project, "2.0rc1"))
        yank_release(work, project, find_release(work, project, "1.0"))
    said = read(demo, "demo", "1.0")
    assert (said["info"]["yanked"], said["info"]["yanked_reason"]) == (True, None)
    assert read(demo, "demo")["info"]["version"] == "2.0rc1"


def test_a_project_of_pre_releases_shows_the_greatest(index):
    ada = index.user("ada")
    for version in ("1.0a2", "1.0a10", "1.0.dev1"):
        index.upload(wheel("demo", version), by=ada)
    assert read(index, "demo")["info"]["version"] == "1.0a10"


@pytest.mark.parametrize("spelled", ["1.0", "1", "1.0.0", "v1", "1.00"])
def test_a_version_is_found_in_any_spelling_without_a_redirect(demo, spelled):
    assert read(demo, "demo", spelled)["info"]["version"] == "1.0"


@pytest.mark.parametrize("spelled", ["1!2.0", "1!2", "v1!2.0.0", "1!02.0"])
def test_a_version_with_an_epoch_is_found_in_any_spelling(index, spelled):
    index.upload(wheel("demo", "1!2.0"), by=index.user("ada"))
    said = read(index, "demo", spelled)
    assert said["info"]["version"] == "1!2.0"
    assert said["info"]["release_url"] == "/project/demo/1!2.0/"
    assert index.get("/pypi/demo/2.0/json").status == 404


def test_no_project_has_two_releases_between_which_a_version_leaves_a_choice(demo):
    with demo.work() as work:
        project = find_project(work, "demo")
        found = find_release(work, project, "1.0")
        same = {"version": "1.0.0", "canonical_version": found.canonical_version, "version_key": found.version_key}
        work.db.add(Release(project_id=project.id, metadata_version="2.1", **same))
        with pytest.raises(IntegrityError):
            work.db.flush()
        work.db.rollback()


def test_a_release_that_lost_its_files_is_listed_with_none(demo):
    with demo.work() as work:
        remove_file(work, find_project(work, "demo"), "demo-1.0-py3-none-any.whl")
    assert read(demo, "demo")["releases"]["1.0"] == []
    assert read(demo, "demo", "1.0")["urls"] == []


def test_a_quarantined_release_is_not_there(demo):
    assert read(demo, "demo", "1.10")
    change_release(demo, "1.10", is_quarantined=True)
    assert demo.get("/pypi/demo/1.10/json").status == 404
    said = read(demo, "demo")
    assert said["info"]["version"] == "1.0"
    assert list(said["releases"]) == ["1.0", "2.0rc1"]
    for version in ("1.0", "2.0rc1"):
        change_release(demo, version, is_quarantined=True)
    assert demo.get("/pypi/demo/json").status == 404


def test_a_quarantined_project_is_not_there_until_it_is_cleared(demo):
    assert read(demo, "demo")
    with demo.work() as work:
        set_project_status(work, find_project(work, "demo"), ProjectStatus.QUARANTINED, reason="malware")
    for path in ("/pypi/demo/json", "/pypi/demo/1.0/json", "/pypi/Demo/json", "/pypi/Demo/1.0/json"):
        assert demo.get(path).status == 404, path
    with demo.work() as work:
        set_project_status(work, find_project(work, "demo"), ProjectStatus.ACTIVE)
    assert read(demo, "demo")


@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED])
def test_other_states_of_a_project_change_nothing(demo, status):
    before = read(demo, "demo")
    with demo.work() as work:
        set_project_status(work, find_project(work, "demo"), status)
    after = read(demo, "demo")
    assert after.pop("last_serial") > before.pop("last_serial")
    assert after == before


def test_owners_come_before_maintainers_and_each_by_name(demo):
    people = {name: demo.user(name) for name in ("Zoe", "bob", "Carl", "dan")}
    with demo.work() as work:
        project = find_project(work, "demo")
        for name, role in (("Zoe", RoleName.OWNER), ("dan", RoleName.MAINTAINER), ("Carl", RoleName.MAINTAINER)):
            work.db.add(Role(project_id=project.id, user_id=people[name].id, role_name=role.value))
        work.db.add(Role(project_id=project.id, user_id=people["bob"].id, role_name=RoleName.OWNER.value))
        journal.add(work.db, Change.PROJECT_CHANGED, "touch", project="demo", normalized_name="demo")
    assert [(role["role"], role["user"]) for role in read(demo, "demo")["ownership"]["roles"]] == [
        ("Owner", "ada"), ("Owner", "bob"), ("Owner", "Zoe"), ("Maintainer", "Carl"), ("Maintainer", "dan"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spelled", "to"),
    [
        ("/pypi/Demo/json", "/pypi/demo/json"),
        ("/pypi/DEMO/json/", "/pypi/demo/json/"),
        ("/pypi/Demo/1/json", "/pypi/demo/1/json"),
        ("/pypi/Demo/V1.0/json/", "/pypi/demo/V1.0/json/"),
        ("/pypi/Demo/ 1.0/json", "/pypi/demo/%201.0/json"),
    ],
)
def test_another_spelling_of_the_name_leads_to_the_normalized_one(demo, spelled, to):
    answer = demo.get(spelled)
    assert (answer.status, header(answer, "location")) == (301, to)
    assert header(answer, "access-control-allow-origin") == "*"


@pytest.mark.parametrize(
    "path",
    [
        "/pypi/nothing/json",
        "/pypi/Nothing/json",
        "/pypi/demo/9.9/json",
        "/pypi/Demo/9.9/json",
        "/pypi/demo/not a version/json/",
        "/pypi/d\u00e9mo/json",
        "/pypi/demo\u212a/json",
        "/pypi/-/json",
        "/pypi/json/json",
        "/pypi/demo/json/json",
    ],
)
def test_what_is_not_there_is_a_404_in_json(demo, path):
    answer = demo.get(path)
    assert (answer.status, answer.body) == (404, b'{"message": "Not Found"}')
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "access-control-allow-origin") == "*"


def test_a_project_without_releases_is_not_there(index):
    with index.work() as work:
        work.db.add(Project(name="Empty", normalized_name="empty", lookalike_name="empty"))
    assert [index.get(f"/pypi/{name}/json").status for name in ("empty", "Empty")] == [404, 404]


@pytest.mark.parametrize(
    "path",
    ["/pypi/", "/pypi", "/pypi/demo/", "/pypi/demo/1.0/", "/pypi//json", "/pypi/a/b/c/json", "/pypi/demo/1\0/json"],
)
def test_other_addresses_below_are_left_to_others(demo, path):
    pages = JsonPages(demo.tools.settings, MetadataSource(demo.tools.database, "", ""), demo.cache)
    assert not pages.owns(path)


@pytest.mark.parametrize("path", ["/pypi/demo/json", "/pypi/demo/1.0/json"])
def test_the_address_works_with_and_without_the_slash(demo, path):
    assert demo.get(f"{path}/").body == demo.get(path).body


def test_an_answer_that_the_client_has_is_not_sent_again(demo):
    for encoding in ("identity", "gzip"):
        first = demo.get("/pypi/demo/json", accept_encoding=encoding)
        again = demo.get("/pypi/demo/json", accept_encoding=encoding, if_none_match=header(first, "etag"))
        assert (again.status, again.body) == (304, b"")
    assert header(first, "content-encoding") == "gzip"
    assert zlib.decompress(first.body, 31) == demo.get("/pypi/demo/json").body


def test_head_is_answered_and_other_methods_are_not(demo):
    assert demo.get("/pypi/demo/json", method="HEAD").status == 200
    for method in ("POST", "DELETE"):
        refused = demo.get("/pypi/demo/json", method=method)
        assert (refused.status, header(refused, "allow")) == (405, "GET, HEAD, OPTIONS")


def test_headers_say_serial_variance_and_freshness(demo):
    answer = demo.get("/pypi/demo/json")
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "x-pypi-last-serial") == str(read(demo, "demo")["last_serial"])
    assert header(answer, "vary") == "Accept-Encoding"
    assert header(answer, "cache-control") == "no-cache"
    assert header(answer, "surrogate-control") is None
    assert header(answer, "access-control-allow-origin") == "*"
    assert header(answer, "access-control-expose-headers") == "X-PyPI-Last-Serial"


@pytest.mark.parametrize(
    ("path", "form"), [("/pypi/demo/json", "project-legacy-json"), ("/pypi/demo/1.0/json", "release-legacy-json")]
)
def test_a_public_index_lets_clients_and_the_cdn_keep_answers(demo, index_with, path, form):
    answer = index_with(PROFILE="public", CDN__BACKEND="fastly").get(path)
    assert header(answer, "cache-control") == "max-age=900, public"
    assert header(answer, "surrogate-control") == "max-age=86400, stale-while-revalidate=300, stale-if-error=86400"
    assert header(answer, "surrogate-key") == " ".join(sorted(("project/demo", "all-legacy-json", form)))


def test_a_private_index_answers_only_who_brings_a_token(demo, index_with):
    private = index_with(ACCESS__READ="signed_in")
    for path in ("/pypi/demo/json", "/pypi/demo/1.0/json", "/pypi/nothing/json", "/pypi/Demo/json"):
        refused = private.get(path)
        assert (refused.status, header(refused, "www-authenticate")) == (
            401,
            'Basic realm="Warehouse", charset="UTF-8"',
        )
    authorization = basic("__token__", demo._tokens["ada"])
    for _ in range(2):  # built, and from memory
        answer = private.get("/pypi/demo/json", authorization=authorization)
        assert answer.status == 200
        assert header(answer, "cache-control") == "private, no-cache"
        assert private.get("/pypi/demo/json").status == 401


def test_an_upload_is_read_at_once_and_other_projects_stay_in_memory(demo):
    demo.upload(wheel("other", "1.0"), by=demo.user("bob"))
    for path in ("/pypi/demo/json", "/pypi/demo/1.10/json", "/pypi/demo/3.0/json", "/pypi/Demo/3.0/json"):
        demo.get(path)
    assert demo.get("/pypi/demo/3.0/json").status == 404
    other = demo.get("/pypi/other/json")
    assert demo.upload(wheel("demo", "3.0"), token=demo._tokens["ada"]).status == 200
    said = read(demo, "demo")
    assert said["info"]["version"] == "3.0"
    assert said["last_serial"] == len(demo.journal())
    assert demo.get("/pypi/demo/3.0/json").status == 200
    assert demo.get("/pypi/Demo/3.0/json").status == 301
    assert read(demo, "demo", "1.10")["last_serial"] == said["last_serial"]
    assert demo.get("/pypi/other/json") is other


@pytest.mark.parametrize("path", ["/pypi/demo/json", "/pypi/demo/1.0/json", "/pypi/Demo/json", "/pypi/nothing/json"])
def test_an_answer_is_built_once_and_then_given_from_memory(demo, path):
    demo.follower.catch_up()
    taken: list[None] = []
    event.listen(demo.tools.database.reading, "checkout", lambda *_: taken.append(None))
    first = demo.get(path)
    assert len(taken) == 1
    assert demo.get(path) is first
    assert len(taken) == 1


def test_a_page_of_many_releases_takes_as_many_statements_as_one_of_few(demo):
    few = statements(demo, "/pypi/demo/json")
    assert statements(demo, "/pypi/demo/1.0/json") == few
    for number in range(5):
        demo.upload(wheel("demo", f"3.{number}"), token=demo._tokens["ada"])
    assert len(read(demo, "demo")["releases"]) == 8
    assert statements(demo, "/pypi/demo/json") == few
    assert few == ["BEGIN", "SELECT", "SELECT", "COMMIT"]


def statements(index: Index, path: str) -> list[str]:
    """The first words of the statements that the database gets to see while a page is built."""
    seen: list[str] = []

    class Noting(psycopg.Cursor):
        def execute(self, query, *args, **kwargs):
            seen.append(query.split()[0])
            return super().execute(query, *args, **kwargs)

    def note(connection, *_):
        connection.cursor_factory = Noting

    def forget(connection, *_):
        connection.cursor_factory = psycopg.Cursor

    index.get(path)  # whatever the journal brings is applied
    index.cache.clear()
    pool = index.tools.database.reading
    event.listen(pool, "checkout", note)
    event.listen(pool, "checkin", forget)
    index.get(path)
    event.remove(pool, "checkout", note)
    event.remove(pool, "checkin", forget)
    return seen


def test_the_answer_is_one_line_of_sorted_keys(demo):
    body = demo.get("/pypi/demo/json").body
    assert body == orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
