"""What strangers learn of an index that only those may read who have an account."""

from __future__ import annotations

import pytest

from tests.attacks.accounts import path_of, readable_routes, victim, with_settings
from tests.builders import wheel
from tests.index import Index
from tests.web.client import Client
from warehouse.application.serving import Site
from warehouse.domain.accounts import User
from warehouse.server.bridge import wsgi_application
from warehouse.work import Tools


@pytest.fixture
def private(tools: Tools) -> Tools:
    """The tools of such an index, with a project of ada's."""
    tools = with_settings(tools, WAREHOUSE_ACCESS__READ="signed_in")
    user_id = victim(tools, secured=False)
    index = Index(tools)
    with index.work() as work:
        ada = work.db.get_one(User, user_id)
    assert index.upload(wheel("hushed", "1.0"), token=index.token(ada)).status == 200
    return tools


@pytest.mark.parametrize("behind", ["", "\n", "%0A", "/", "//", ";x", "?x"])
def test_no_address_tells_strangers_what_is_there(private: Tools, behind: str) -> None:
    """Pages for people and doors for programs, under another server's rules for addresses as well."""
    index = Index(private)
    site = Client(wsgi_application(Site(private, index.cache, index.follower)))
    with private.database.session() as db:
        user_id = db.query(User).one().id
    paths = {path_of(route, private, user_id) for route in readable_routes()}
    paths |= {
        "/simple/",
        "/simple/hushed/",
        "/pypi/hushed/json",
        "/project/hushed/",
        "/rss/updates.xml",
        "/sitemap.xml",
    }
    told = {}
    for path in paths:
        secret = b"hushed-1.0" if "hushed" in path else b"hushed"
        got = site.get(path + behind, HTTP_ACCEPT="*/*")
        if secret in got.body or got.status >= 500:
            told[path] = got.status
    assert told == {}
