"""People hear of new terms of service: once by mail, at signing in for a month, and no more once they read them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.web.browser import browser
from tests.web.client import site
from warehouse.domain.accounts import TermsEngagement
from warehouse.domain.site.once import Once
from warehouse.operations import terms
from warehouse.work import SYSTEM, begin
from warehouse.worker.schedule import schedule

URL = "https://example.org/terms"
SETTINGS = {"TERMS__REVISION": "2026-11", "TERMS__URL": URL}
ENVIRON = {f"WAREHOUSE_{name}": value for name, value in SETTINGS.items()}
PAGE = "/account/view-terms-of-service/"
CHANGED = "The terms of service have changed."


@pytest.fixture
def told(index_with, mail):
    """Tells people of the terms by mail, with these settings besides, and gives the addresses so far."""

    def tell(**changes):
        with begin(index_with(**{**SETTINGS, **changes}).tools, SYSTEM) as work:
            terms.tell_of_terms(work)
        return sorted(mail.recipients())

    return tell


def engagements(tools, user):
    with begin(tools, SYSTEM) as work:
        mine = select(TermsEngagement).where(TermsEngagement.user_id == user.id).order_by(TermsEngagement.id)
        return [(one.revision, one.engagement) for one in work.db.scalars(mine)]


def test_everybody_with_a_verified_address_is_written_to_once(told, index, ada, mail):
    index.user("bob")
    assert told() == told() == ["ada@example.com"]
    assert mail.queued()[0]["subject"] == "[Warehouse] The terms of service have changed"
    assert "revision 2026-11" in mail.queued()[0]["text"] and URL in mail.queued()[0]["text"]
    assert engagements(index.tools, ada) == [("2026-11", "notified")]
    assert told(TERMS__REVISION="2026-12") == ["ada@example.com", "ada@example.com"]


def test_people_are_written_to_in_batches(told, index):
    for name in "abcde":
        index.user(f"user-{name}", verified=True)
    assert [len(told(TERMS__BATCH="2")) for _ in range(4)] == [2, 4, 5, 5]


def test_workers_that_tell_at_once_write_to_nobody_twice(told, index, mail):
    for number in range(20):
        index.user(f"user-{number}", verified=True)
    threads = [threading.Thread(target=told) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.recipients()) == len(set(mail.recipients())) == 20


def test_who_agreed_is_not_written_to_and_who_came_later_is_within_the_hour(told, index, ada, tools):
    engage(tools, ada, "agreed")
    assert told() == []
    index.user("bob", verified=True)
    assert told() == []
    forget_that_all_were_told(tools)
    assert told() == ["bob@example.com"]


@pytest.mark.parametrize("changes", [{"TERMS__BATCH": "0"}, {"TERMS__REVISION": "none"}, {"TERMS__URL": "none"}])
def test_nobody_is_written_to_without_terms(told, ada, changes):
    assert told(**changes) == []


def test_people_are_looked_for_only_where_there_are_terms(index_with):
    jobs = [{one.function for one in schedule(index_with(**changes).tools.settings)} for changes in ({}, SETTINGS)]
    assert jobs[1] - jobs[0] == {terms.tell_of_terms}


def engage(tools, user, engagement, *, ago=timedelta(0)):
    with begin(tools, SYSTEM) as work:
        work.db.add(TermsEngagement(user_id=user.id, revision="2026-11", engagement=engagement, at=work.now - ago))


def forget_that_all_were_told(tools):
    with begin(tools, SYSTEM) as work:
        work.db.execute(update(Once).values(expires_at=work.now - timedelta(seconds=1)))


def signing_in_tells(tools):
    person = browser(tools, **ENVIRON)
    return CHANGED in person.sign_in("ada").text


def test_signing_in_tells_of_the_terms_until_they_were_read(tools, ada):
    person = browser(tools, **ENVIRON)
    [notice] = [link for link in person.sign_in("ada").page.all("a") if CHANGED in link.text]
    assert notice.attributes["href"] == PAGE
    assert engagements(tools, ada) == [("2026-11", "flashed")]
    assert signing_in_tells(tools)
    got = person.get(PAGE)
    assert (got.status, got.headers["location"]) == (303, URL)
    assert ("2026-11", "viewed") in engagements(tools, ada)
    assert not signing_in_tells(tools)


@pytest.mark.parametrize(
    ("engagement", "ago", "tells"),
    [
        ("notified", timedelta(days=1), True),
        ("notified", timedelta(days=31), False),
        ("flashed", timedelta(days=29), True),
        ("flashed", timedelta(days=31), False),
        ("viewed", timedelta(0), False),
        ("agreed", timedelta(0), False),
    ],
)
def test_signing_in_tells_for_a_month_from_the_first_word_on(tools, ada, engagement, ago, tells):
    engage(tools, ada, engagement, ago=ago)
    assert signing_in_tells(tools) is tells


def test_signing_in_tells_nothing_where_there_are_no_terms(tools, ada):
    assert CHANGED not in browser(tools).sign_in("ada").text
    assert engagements(tools, ada) == []


def test_anybody_finds_the_way_to_the_terms(tools):
    got = site(tools, **ENVIRON).get(PAGE)
    assert (got.status, got.headers["location"], got.headers["cache-control"]) == (303, URL, "no-store")
    assert site(tools).get(PAGE).status == 404
