"""The page of a person that is kept for everybody ends when the person is shown otherwise, or not at all, from then."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.builders import wheel
from tests.conftest import MakeIndex
from tests.index import Index
from tests.served import eventually
from warehouse.api.people import PeoplesPages, Website
from warehouse.domain.journal.notices import purge_pages
from warehouse.infra.cdn import PurgeFailed
from warehouse.operations.deletion import delete_account
from warehouse.operations.moderating_people import hide_avatar
from warehouse.operations.profile import set_name
from warehouse.standards.http import Ask
from warehouse.web.app import make_web_app
from warehouse.web.language import chosen_language
from warehouse.web.shared import is_shared, shown_to_everybody


class Pages:
    """The door to the kept pages of an index whose web server listens to what changes."""

    def __init__(self, index: Index) -> None:
        website = Website(is_shared, shown_to_everybody(make_web_app(index.tools)), chosen_language)
        self._door = PeoplesPages(index.tools.settings, index.cache, website)

    def get(self, path: str) -> bytes:
        ask = Ask("GET", path, "", {"host": "index.test"}, client="192.0.2.1")
        answer = self._door.glance(ask) or self._door.answer(ask)
        assert answer is not None
        return answer.head + answer.body  # type: ignore[union-attr]


@pytest.fixture
def pages(index: Index) -> Iterator[Pages]:
    stop = threading.Event()
    listening = index.follower.start(stop)
    yield Pages(index)
    stop.set()
    listening.join()


def test_who_looks_for_somebody_too_early_does_not_hide_them(index: Index, pages: Pages) -> None:
    assert b"404 Not Found" in pages.get("/user/bob/")
    index.user("bob")
    eventually(lambda: b"200 OK" in pages.get("/user/bob/"))


def test_nobody_is_shown_by_a_former_name_or_picture_or_after_they_left(index: Index, pages: Pages) -> None:
    ada, eve = index.user("ada"), index.user("Eve")
    index.upload(wheel("demo"), by=ada)
    former = b"/avatar/neutral.svg"
    assert former not in pages.get("/user/ada/") + pages.get("/project/demo/")
    with index.work() as work:
        hide_avatar(work, work.db.merge(ada), is_hidden=True)
    eventually(lambda: former in pages.get("/user/ada/") and former in pages.get("/project/demo/"))
    with index.work(index.actor(eve)) as work:
        set_name(work, work.db.merge(eve), "Eve Adams")
    eventually(lambda: b"Eve Adams" in pages.get("/user/Eve/"))
    with index.work(index.actor(eve)) as work:
        delete_account(work, work.db.merge(eve))
    eventually(lambda: b"404 Not Found" in pages.get("/user/Eve/"))


def test_a_cache_in_front_is_told_of_a_person_as_their_page_is_named(index_with: MakeIndex) -> None:
    index = index_with(CDN__BACKEND="varnish", CDN__VARNISH="http://127.0.0.1:9")
    index.user("Bob")
    with index.work() as work:
        queued = "SELECT args FROM procrastinate_jobs WHERE task_name = 'purge_pages'"
        first, second = work.db.connection().exec_driver_sql(queued).scalars()
        assert first == second == {"names": [], "people": ["Bob"]}
        with pytest.raises(PurgeFailed):
            purge_pages(work, **first)
