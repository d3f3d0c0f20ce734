"""What programs read of namespaces, and that an index without them says nothing of them."""

from __future__ import annotations

import orjson
import pytest

from tests.builders import wheel
from tests.index import JSON
from tests.install.test_simple_pages import header
from tests.namespaces.conftest import grant, revoke
from warehouse.domain.packaging import RoleName
from warehouse.operations.projects import find_project
from warehouse.operations.roles import give_role, take_role
from warehouse.standards.names import normalize
from warehouse.standards.namespaces import DEEPEST, covering, outermost

LISTS = ("/simple/namespaces", "/namespaces", "/namespaces/")
ONES = ("/simple/namespace/{}", "/simple/namespace/{}/", "/namespace/{}", "/namespace/{}/")


def read(index, path: str):
    answer = index.get(path)
    assert answer.status == 200, path
    assert header(answer, "content-type") == JSON
    return orjson.loads(answer.body)


class TestProjectPages:
    def test_say_null_where_no_grant_covers_the_name(self, named):
        named.upload(wheel("foo-kit", "1.0"), by=named.ada)
        page = named.simple("foo-kit")
        assert (page["meta"]["api-version"], page["namespaces"]) == ("1.5", None)

    def test_change_with_grants_in_both_directions(self, named):
        for name in ("foo-bar-kit", "foobar"):
            named.upload(wheel(name, "1.0"), by=named.ada)
        said = [named.simple("foo-bar-kit")["namespaces"]]
        for act in (
            lambda: grant(named, "foo", named.ada),
            lambda: grant(named, "foo-bar", named.ada),
            lambda: revoke(named, "foo"),
            lambda: revoke(named, "foo-bar"),
        ):
            act()
            said.append(named.simple("foo-bar-kit")["namespaces"])
        foo, foo_bar = {"name": "foo", "owned": True}, {"name": "foo-bar", "owned": True}
        assert said == [None, [foo], [foo, foo_bar], [foo_bar], None]
        assert named.simple("foobar")["namespaces"] is None

    def test_say_whether_an_owner_of_the_project_holds_the_grant(self, named):
        named.upload(wheel("foo-kit", "1.0"), by=named.bob)
        grant(named, "foo", named.ada)
        said = [named.simple("foo-kit")["namespaces"][0]["owned"]]
        for change in (
            lambda work, project: give_role(work, project, named.ada, RoleName.MAINTAINER),
            lambda work, project: give_role(work, project, named.ada, RoleName.OWNER),
            lambda work, project: take_role(work, project, named.ada),
        ):
            with named.work() as work:
                change(work, find_project(work, "foo-kit"))
            said.append(named.simple("foo-kit")["namespaces"][0]["owned"])
        assert said == [False, False, True, False]

    def test_tell_of_them_whatever_the_project_holds(self, named):
        grant(named, "foo", named.ada)
        for version in ("1.0", "1.1"):
            named.upload(wheel("foo", version), by=named.ada)
        page = named.simple("foo")
        assert (len(page["files"]), page["namespaces"]) == (2, [{"name": "foo", "owned": True}])
        assert list(page) == sorted(page)

    def test_stay_what_they_were_in_html(self, named):
        named.upload(wheel("foo", "1.0"), by=named.ada)
        before = named.get("/simple/foo/").body
        grant(named, "foo", named.ada)
        after = named.get("/simple/foo/").body
        assert b'name="pypi:repository-version" content="1.4"' in after
        assert before.rpartition(b"<!--SERIAL")[0] == after.rpartition(b"<!--SERIAL")[0]


def test_the_root_list_states_the_version_that_its_pages_have(named, index_with):
    named.upload(wheel("foo", "1.0"), by=named.ada)
    for index, version in ((named, "1.5"), (index_with(), "1.4")):
        assert orjson.loads(index.get("/simple/", accept=JSON).body)["meta"]["api-version"] == version
        assert b'content="1.4"' in index.get("/simple/").body


@pytest.mark.parametrize("path", LISTS)
def test_the_list_of_grants_is_a_bare_array_that_follows_them(named, path):
    assert read(named, path) == []
    for name in ("foo-bar", "zap", "foo"):
        grant(named, name, named.ada)
    assert read(named, path) == [{"name": "foo"}, {"name": "foo-bar"}, {"name": "zap"}]
    revoke(named, "foo")
    assert read(named, path) == [{"name": "foo-bar"}, {"name": "zap"}]


@pytest.mark.parametrize("form", ONES)
def test_one_grant_tells_what_is_above_and_right_below_it(named, form):
    for name in ("foo", "foo-a", "foo-a-b", "foo-ab", "foo-c-d", "foobar"):
        grant(named, name, named.ada)
    told = {name: read(named, form.format(name)) for name in ("foo", "foo-a", "foo-a-b", "foo-c-d")}
    assert told["foo"] == {
        "children": ["foo-a", "foo-ab", "foo-c-d"],
        "meta": {"api-version": "1.5"},
        "name": "foo",
        "owner": "ada",
        "parent": None,
    }
    assert [(one["parent"], one["children"]) for one in told.values()] == [
        (None, ["foo-a", "foo-ab", "foo-c-d"]), ("foo", ["foo-a-b"]), ("foo-a", []), ("foo", []),
    ]  # fmt: skip
    revoke(named, "foo-a")
    assert read(named, form.format("foo"))["children"] == ["foo-a-b", "foo-ab", "foo-c-d"]
    assert read(named, form.format("foo-a-b"))["parent"] == "foo"
    assert named.get(form.format("foo-a")).status == 404


@pytest.mark.parametrize("form", ONES)
@pytest.mark.parametrize("name", ["nothing", "foo-", "a b", "-", "foo-a-b-c-d-e-f-g-h-i-j-k-l"])
def test_what_nobody_was_granted_is_not_found(named, form, name):
    grant(named, "foo", named.ada)
    answer = named.get(form.format(name))
    assert (answer.status, answer.body) == (404, b"404 Not Found")


@pytest.mark.parametrize("form", ONES)
def test_other_spellings_lead_to_the_normalized_address(named, form):
    grant(named, "foo-bar", named.ada)
    answer = named.get(form.format("Foo_Bar"))
    assert (answer.status, header(answer, "location")) == (301, form.format("foo-bar"))


def test_headers_are_those_of_other_pages(named):
    for path in ("/simple/namespaces", "/namespaces"):
        answer = named.get(path)
        assert header(answer, "cache-control") == "no-cache"
        assert header(answer, "access-control-allow-origin") == "*"
        assert named.get(path, if_none_match=header(answer, "etag")).status == 304
        assert named.get(path, method="HEAD").status == 200
        assert named.get(path, method="POST").status == 405


def test_projects_called_so_keep_their_pages(named):
    for name in ("namespaces", "namespace"):
        assert named.get(f"/simple/{name}/").status == 404
        assert named.upload(wheel(name, "1.0"), by=named.ada).status == 200
        assert named.simple(name)["name"] == name
    assert read(named, "/simple/namespaces") == []
    assert header(named.get("/simple/namespace"), "location") == "/simple/namespace/"


def test_an_index_without_namespaces_says_nothing_of_them(named, index_with):
    grant(named, "foo", named.ada)
    named.upload(wheel("foo", "1.0"), by=named.ada)
    index = index_with()
    page = index.simple("foo")
    assert (page["meta"]["api-version"], "namespaces" in page) == ("1.4", False)
    for path in ("/simple/namespaces", "/simple/namespace/foo", "/simple/namespace/foo/"):
        assert index.get(path).status == 404
    for path in ("/namespaces", "/namespaces/", "/namespace/foo", "/namespace/foo/"):
        with pytest.raises(AssertionError):  # no machine door's: the site answers 404
            index.get(path)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("foo", ["foo"]),
        ("foo-bar", ["foo", "foo-bar"]),
        ("a-b-c", ["a", "a-b", "a-b-c"]),
        ("-".join("x" * 40), ["-".join("x" * number) for number in range(1, DEEPEST + 2)]),
    ],
)
def test_a_name_has_as_many_coverings_as_a_grant_may_have_hyphens(name, names):
    assert covering(normalize(name)) == names


def test_of_names_those_remain_that_no_other_covers():
    assert outermost(["a", "a-b", "a-b-c", "a-c", "a0", "ab", "b-a", "b-a-x", "b0"]) == ["a", "a0", "ab", "b-a", "b0"]
