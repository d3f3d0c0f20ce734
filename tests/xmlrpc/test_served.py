"""Calls to a running index, by Python's own client."""

from __future__ import annotations

import xmlrpc.client

import pytest

from tests.builders import wheel
from tests.served import Served, served


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory):
    """An index with a project."""
    with served(tmp_path_factory.mktemp("index")) as index:
        index.publish(wheel("Some.Project", "1.0"))
        yield index


@pytest.mark.parametrize("path", ["/pypi", "/pypi/", "/RPC2"])
def test_mirrors_call_at_three_addresses(index: Served, path):
    with xmlrpc.client.ServerProxy(index.url + path, allow_none=True) as proxy:
        assert proxy.changelog_last_serial() == 4
        assert proxy.list_packages_with_serial() == {"Some.Project": 4}
        assert [entry[3] for entry in proxy.changelog_since_serial(2)] == [
            "new release",
            "add py3 file some_project-1.0-py3-none-any.whl",
        ]
        assert proxy.package_roles("some-project") == [["Owner", "ada"]]
        with pytest.raises(xmlrpc.client.Fault, match="RuntimeError: Read the list"):
            proxy.list_packages()


def test_what_is_not_sent_as_xml_goes_where_it_always_went(index: Served):
    call = xmlrpc.client.dumps((), "changelog_last_serial").encode()
    for path, content_type, status in [
        ("/pypi", "text/xml; charset=utf-8", 200),
        ("/RPC2", "TEXT/XML;x=y", 200),
        ("/pypi", "application/xml", 404),
        ("/RPC2", "text/plain", 404),
        ("/rpc2", "text/xml", 404),
        ("/pypi", "multipart/form-data; boundary=x", 410),
    ]:
        answer = index._exchange("POST", path, call, {"Content-Type": content_type}, None)
        assert (path, content_type, answer.status) == (path, content_type, status)


def test_a_body_that_nobody_needs_is_refused(index: Served):
    for size in (64 * 1024 + 1, 2 * 1024**2):
        answer = index._exchange("POST", "/RPC2", b" " * size, {"Content-Type": "text/xml"}, None)
        assert answer.status == 413
        assert answer.body.startswith(b"The ")


def test_many_entries_come_in_chunks(index: Served):
    with index.tools() as tools, tools.database.connection() as connection:
        connection.execute(
            "INSERT INTO journal (project, normalized_name, change, action)"
            " SELECT 'demo', 'demo', 'project changed', 'change ' || n FROM generate_series(1, 20000) AS n"
        )
        connection.commit()
    with xmlrpc.client.ServerProxy(index.url + "/pypi", allow_none=True) as proxy:
        assert len(proxy.changelog_since_serial(4)) == 20_000
    call = xmlrpc.client.dumps((4,), "changelog_since_serial").encode()
    answer = index._exchange("POST", "/pypi", call, {"Content-Type": "text/xml"}, None)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.body.count(b"change 19999<") == 1
