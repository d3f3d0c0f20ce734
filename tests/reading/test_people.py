"""Pages for people that are the same for everybody are kept, and forgotten when what they are about changes."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.builders import wheel
from tests.conftest import MakeIndex
from tests.index import Index
from warehouse.api.people import PeoplesPages, Website
from warehouse.domain.journal import look_again
from warehouse.follow.pages import ROOT
from warehouse.server.reply import Ready
from warehouse.standards.http import Answer, Ask
from warehouse.web.app import make_web_app
from warehouse.web.language import chosen_language
from warehouse.web.shared import is_shared, shown_to_everybody


class Pages:
    """The door to the pages of an index, and how often the site behind it was asked."""

    def __init__(self, index: Index) -> None:
        self.asked: list[str] = []
        self._index = index
        show = shown_to_everybody(make_web_app(index.tools))

        def counted(ask: Ask, language: str) -> Answer:
            self.asked.append(ask.path)
            return show(ask, language)

        website = Website(is_shared, counted, chosen_language)
        self.door = PeoplesPages(index.tools.settings, index.cache, website)

    def get(self, path: str, query: str = "", **headers: str) -> Answer | Ready | None:
        sent = {"host": "index.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
        ask = Ask("GET", path, query, sent, client="192.0.2.1")
        self._index.follower.catch_up_here()
        return self.door.glance(ask) or self.door.answer(ask)


@pytest.fixture
def pages(index: Index) -> Pages:
    return Pages(index)


def test_a_page_is_made_once_for_everybody(pages: Pages) -> None:
    first, second = pages.get("/"), pages.get("/", cookie="session_id=somebody; user_id__insecure=x")
    assert pages.asked == ["/"]
    assert isinstance(first, Ready) and first is second


def test_a_page_about_everything_is_made_again_after_any_change(index: Index, pages: Pages) -> None:
    ada = index.user("ada")
    pages.get("/")
    index.upload(wheel("demo", "1.0"), by=ada)
    found = pages.get("/")
    assert found is not None and b"/project/demo/" in found.body
    assert pages.asked == ["/", "/"]


def test_what_no_entry_tells_of_is_told_by_a_notice(index: Index, pages: Pages) -> None:
    pages.get("/")
    with index.work() as work:
        look_again(work, [ROOT])
    index.follower._drop_again("again ")
    pages.get("/")
    assert pages.asked == ["/", "/"]


def test_each_project_s_missing_page_is_kept_until_there_is_one(pages: Pages) -> None:
    found = [pages.get("/project/nothing/") for _ in range(2)]
    assert [one.status for one in found if one is not None] == [404, 404]
    assert pages.asked == ["/project/nothing/"]
    assert b"cache-control: no-cache" in found[0].head  # type: ignore[union-attr]


def test_whoever_is_to_be_told_something_gets_a_page_of_their_own(pages: Pages) -> None:
    assert pages.get("/", cookie="a=b; flashes=something") is None
    assert pages.get("/", query="a=b") is None
    assert pages.get("/", accept="application/json") is None


def test_where_only_some_may_read_nothing_is_kept_for_everybody(index_with: MakeIndex) -> None:
    index = index_with(ACCESS__READ="signed_in")
    got = shown_to_everybody(make_web_app(index.tools))(Ask("GET", "/user/ada/", "", {"host": "index.test"}), "en")
    assert got.status == 303
    assert dict(got.headers)["location"] == f"/account/login/?{urlencode({'next': '/user/ada/'})}"


def test_an_answer_that_is_somebody_s_own_is_not_kept(index: Index) -> None:
    answers = [
        Answer(200, [("set-cookie", "a=b")], b"own"),
        Answer(200, [("cache-control", "private, no-store")], b"own"),
        Answer(503, [], b"away"),
    ]
    website = Website(is_shared, lambda ask, language: answers.pop(0), chosen_language)
    door = PeoplesPages(index.tools.settings, index.cache, website)
    ask = Ask("GET", "/", "", {"host": "index.test"})
    assert [door.answer(ask).status for _ in range(3)] == [200, 200, 503]  # type: ignore[union-attr]
    assert door.glance(ask) is None
