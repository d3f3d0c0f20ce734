"""The addresses that the index had in former times lead to those that it has now, and nowhere else."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feeds.conftest import HOST, fields, read
from tests.web.client import site
from warehouse.errors import Gone, Invalid, NotFound
from warehouse.server.reply import Ready
from warehouse.standards.classifiers import KNOWN
from warehouse.standards.http import Answer, Ask


def asked(index, path, query=""):
    """What the doors say, None when the address is the framework's."""
    ask = Ask("GET", path, query, {"host": HOST})
    return index.doors.glance(ask) or index.doors.answer(ask)


def where(index, path, query=""):
    """Where an address leads for good."""
    answer = asked(index, path, query)
    assert isinstance(answer, Answer)
    assert answer.status == 301
    return fields(answer)["location"]


QUESTIONS = [
    (":action=search&term=web+server", "/search/?q=web%20server"),
    (":action=search&term=a%26b%3Dc%23d%2F", "/search/?q=a%26b%3Dc%23d%2F"),
    (":action=search&term=%C3%A9", "/search/?q=%C3%A9"),
    (":action=search", "/search/?q="),
    ("term=x&%3Aaction=search", "/search/?q=x"),
    (":action=search&term=one&term=two", "/search/?q=two"),
    (":action=files&name=Demo.Kit&version=1.0", "/project/Demo.Kit/1.0/#files"),
    (":action=files&name=demo&version=1.0%2Blocal", "/project/demo/1.0+local/#files"),
    (":action=display&name=Demo.Kit", "/project/Demo.Kit/"),
    (":action=display&name=Demo.Kit&version=", "/project/Demo.Kit/"),
    (":action=display&name=demo&version=1.0", "/project/demo/1.0/"),
    (":action=display&name=demo&version=a%2Fb%3Fc%23d", "/project/demo/a%2Fb%3Fc%23d/"),
    (":action=rss", "/rss/updates.xml"),
    (":action=packages_rss", "/rss/packages.xml"),
]


@pytest.mark.parametrize("path", ["/pypi", "/pypi/"])
@pytest.mark.parametrize(("query", "to"), QUESTIONS)
def test_questions_lead_to_where_the_answer_is_now(index, path, query, to):
    assert where(index, path, query) == to


PATHS = [
    ("/pypi/Demo.Kit/", "/project/Demo.Kit/"),
    ("/pypi/Demo.Kit", "/project/Demo.Kit/"),
    ("/pypi/demo/1.0/", "/project/demo/1.0/"),
    ("/pypi/demo/1.0", "/project/demo/1.0/"),
    ("/pypi/json/", "/project/json/"),
    ("/p/demo/", "/project/demo/"),
    ("/p/demo", "/project/demo/"),
    ("/p/demo/1!1.0+x/", "/project/demo/1!1.0+x/"),
    ("/p/demo/json/", "/project/demo/json/"),
    ("/u/ada/", "/user/ada/"),
    ("/u/Ada.L", "/user/Ada.L/"),
    ("/pypi/", "/"),
]


@pytest.mark.parametrize(("path", "to"), PATHS)
def test_former_paths_lead_to_the_present_ones(index, path, to):
    assert where(index, path) == to


@pytest.mark.parametrize(
    "query",
    [
        ":action=browse",
        ":action=browse&c=5",
        ":action=browse&c=x",
        ":action=files",
        ":action=files&name=demo",
        ":action=files&version=1.0",
        ":action=files&name=demo&version=",
        ":action=display",
        ":action=display&name=",
        ":action=display&name=no+name",
        ":action=display&name=..",
        ":action=display&name=demo&version=..",
        ":action=display&name=%2F%2Fevil.example",
    ],
)
def test_questions_after_nothing_are_not_found(index, query):
    with pytest.raises(NotFound):
        asked(index, "/pypi", query)


@pytest.mark.parametrize("path", ["/p/no name/", "/u/../", "/pypi/.../", "/p/demo/../", "/u/-/", "/p/é/", "/p/a\0b/"])
def test_paths_that_name_nothing_are_not_found(index, path):
    with pytest.raises(NotFound):
        asked(index, path)


@pytest.mark.parametrize("bad", ["a\r\nSet-Cookie: x", "a\nb", "\\\\evil.example", "a\\b", "a\rb"])
@pytest.mark.parametrize("query", [":action=search&term=", ":action=display&name=", ":action=display&name=a&version="])
def test_what_would_split_an_answer_or_look_like_a_host_is_refused(index, query, bad):
    with pytest.raises(Invalid):
        asked(index, "/pypi", query + quote(bad))


@pytest.mark.parametrize("path", ["/p/a\\b/", "/u/a\r\nb/", "/pypi/demo/1.0\\/"])
def test_paths_with_line_breaks_or_backslashes_are_refused(index, path):
    with pytest.raises(Invalid):
        asked(index, path)


@pytest.mark.parametrize("query", [":action=search&term=%ff", ":action=%c3%28", "&".join(["a=b"] * 1000)])
def test_queries_that_cannot_be_read_are_refused(index, query):
    with pytest.raises(Invalid):
        asked(index, "/pypi", query)


def test_what_is_no_more_says_so(index):
    with pytest.raises(Gone, match="JSON API"):
        asked(index, "/pypi", ":action=doap&name=demo")


def test_all_classifiers_are_listed_sorted_one_a_line(index):
    for _ in range(2):
        assert read(index, "/pypi", query=":action=list_classifiers").split("\n") == sorted(KNOWN)
    answer = asked(index, "/pypi", ":action=list_classifiers")
    assert isinstance(answer, Ready)
    told = fields(answer)
    assert told["content-type"] == "text/plain; charset=utf-8"
    assert index.get("/pypi", query=":action=list_classifiers", if_none_match=told["etag"]).status == 304


@pytest.mark.parametrize(
    ("path", "query"),
    [("/pypi", ""), ("/pypi", "x=y"), ("/pypi", ":action=other"), ("/pypi/", ":action=other"), ("/p/", ""), ("/u", "")],
)
def test_everything_else_is_somebody_elses(index, path, query):
    assert asked(index, path, query) is None


def test_the_json_api_keeps_its_addresses(index):
    for path in ("/pypi/demo/json", "/pypi/demo/json/", "/pypi/demo/1.0/json"):
        answer = index.get(path, host=HOST)
        assert (answer.status, fields(answer)["content-type"]) == (404, "application/json")


@pytest.mark.parametrize("action", ["submit", "submit_pkg_info", "doc_upload", "file_upload"])
def test_uploads_of_former_times_reach_whoever_says_that_they_are_gone(index, action):
    for path in ("/pypi", "/pypi/"):
        assert index.doors.answer(Ask("POST", path, f":action={action}", {})) is None
        assert site(index.tools).post(f"{path}?:action={action}").status == 410
    assert index.doors.answer(Ask("POST", "/p/demo/", "", {})).status == 405


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
NASTY = st.one_of(TEXT, st.text("/\\.:@?#&=%\r\n\0 aé", max_size=12))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(action=st.sampled_from(["search", "files", "display", "browse", "rss"]), name=NASTY, version=NASTY)
def test_nobody_is_led_off_this_host(index, action, name, version):
    query = f":action={action}&term={quote(name)}&name={quote(name)}&version={quote(version)}"
    for path in ("/pypi", f"/p/{name}/", f"/u/{name}/", f"/pypi/{name}/{version}/"):
        try:
            answer = asked(index, path, query)
        except (Invalid, NotFound):
            continue
        if answer is None or answer.status != 301:
            continue
        location = fields(answer)["location"]
        assert location.isascii() and location.isprintable()
        assert location.startswith("/") and not location.startswith("//") and "\\" not in location
        assert urlsplit(location).netloc == ""
        assert ".." not in urlsplit(location).path.split("/")


def test_files_on_a_host_of_their_own_are_asked_for_there(index_with):
    index = index_with(SITE__URL="https://index.example", SITE__FILES_URL="https://files.example/packages")
    path = f"/packages/aa/bb/{'0' * 60}/demo-1.0+x y.tar.gz"
    answer = asked(index, path)
    assert answer.status == 301
    assert fields(answer)["location"] == f"https://files.example/packages/aa/bb/{'0' * 60}/demo-1.0+x%20y.tar.gz"
    assert fields(answer)["access-control-allow-origin"] == "*"
    for host in ("files.example", "10.0.0.1:8080"):
        with pytest.raises(NotFound, match="no such file"):
            index.get(path, host=host)
    for bad in ("/packages/a\\b", "/packages/a\r\nb"):
        with pytest.raises(Invalid):
            asked(index, bad)
    assert fields(asked(index, "/packages///evil.example"))["location"].startswith("https://files.example/packages/")


@pytest.mark.parametrize(
    "addresses",
    [
        {},
        {"SITE__URL": "https://index.example"},
        {"SITE__FILES_URL": "https://files.example/packages"},
        {"SITE__URL": "https://index.example", "SITE__FILES_URL": "https://INDEX.example/packages"},
    ],
)
def test_files_on_the_same_host_are_answered(index_with, addresses):
    with pytest.raises(NotFound, match="no such file"):
        asked(index_with(**addresses), f"/packages/aa/bb/{'0' * 60}/demo-1.0.tar.gz")
