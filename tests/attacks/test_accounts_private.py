"""What strangers learn of an index that only those may read who have an account."""

from __future__ import annotations

from itertools import product

import pytest

from tests.attacks.accounts import path_of, readable_routes, victim, with_settings
from tests.builders import wheel
from tests.index import Index, basic
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
    assert index.upload(wheel("hushed", "1.0", summary="Whispered."), token=index.token(ada)).status == 200
    return tools


KNOWN: list[dict[str, str]] = [
    {},
    {"HTTP_COOKIE": "session_id=somebody; user_id__insecure=x; flashes=x"},
    {"HTTP_AUTHORIZATION": basic("__token__", "pypi-AgEIcHlwaS5vcmc")},
]
"""As whom a stranger may pass themselves off."""


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
        "/project/hushed/1.0/",
        "/project/hushed/dependents/",
        "/project/hushed/statistics/",
        "/project/hushed/compare/",
        "/project/hushed/compare/1.0...1.0/",
        "/project/hushed/1.0/files/hushed-1.0-py3-none-any.whl/",
        "/project/hushed/1.0/files/hushed-1.0-py3-none-any.whl/contents/",
        "/project/hushed/1.0/files/hushed-1.0-py3-none-any.whl/contents/hushed.py",
        "/project/hushed/card.png",
        "/api/stats/hushed/",
        "/_includes/authed/edit-project-button/hushed",
    }
    told = {}
    for path, known in product(paths, KNOWN):
        got = site.get(path + behind, HTTP_ACCEPT="*/*", **known)
        # What was asked for may be said again, as where to go on.
        is_asked_for = "hushed" in path and got.status == 303
        if b"Whispered" in got.body or (b"hushed" in got.body and not is_asked_for and "hushed" not in path):
            told[path] = got.status
        if got.status >= 500 or (got.status == 200 and "hushed" in path):
            told[path] = got.status
    assert told == {}
