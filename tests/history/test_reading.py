"""What happened to an account or a project is read by those whom it concerns, and tells nobody's whereabouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import wheel
from tests.upload.attempts import Attempt, accepted, run, token_of
from warehouse.domain.accounts import User
from warehouse.domain.packaging import RoleName
from warehouse.errors import NotAllowed
from warehouse.operations import history
from warehouse.operations.accounts import set_password
from warehouse.operations.history import all_of, history_of
from warehouse.operations.projects import find_project
from warehouse.operations.roles import give_role
from warehouse.operations.tokens import actor_of, create_token
from warehouse.work import OPERATOR

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def ada(index):
    return index.user("ada")


def at_home(index, user):
    return replace(index.actor(user), address="192.0.2.7", user_agent=BROWSER)


def make_token(index, user, name):
    with index.work(at_home(index, user)) as work:
        create_token(work, work.db.get_one(User, user.id), description=name)


def read(index, user, *, by=None, **details):
    with index.work(by or index.actor(user)) as work:
        return history_of(work, work.db.get_one(User, user.id), **details)


def test_the_newest_comes_first_with_place_and_device(index, ada):
    make_token(index, ada, "CI")
    newest, oldest = read(index, ada)
    assert (newest.tag, newest.actor) == ("account:api_token:added", "ada")
    assert (newest.address, newest.device, newest.details["description"]) == ("192.0.2.7", "Firefox 130 on Linux", "CI")
    assert oldest.tag == "account:create"


def test_whoever_acted_on_ones_account_is_named_but_not_where_they_were(index, ada):
    eve = index.user("eve", administrator=True)
    with index.work(replace(at_home(index, eve), address="198.51.100.9")) as work:
        set_password(work, work.db.get_one(User, ada.id), "battery staple horse")
    seen = read(index, ada)[0]
    assert (seen.actor, seen.address, seen.device, seen.is_redacted) == ("eve", None, None, True)
    for by in (index.actor(eve), OPERATOR):
        seen = read(index, ada, by=by)[0]
        assert (seen.address, seen.is_redacted) == ("198.51.100.9", False)


def test_a_stranger_who_tried_is_told_with_their_address(index, ada):
    run(
        index,
        "INSERT INTO audit_events (at, subject, tag, actor, address, details) VALUES "
        "(now(), :subject, 'account:login:failure', 'anonymous', '203.0.113.5', '{}')",
        subject=f"account:{ada.id}",
    )
    assert read(index, ada)[0].address == "203.0.113.5"


def test_nobody_reads_the_history_of_somebody_else(index, ada):
    eve = index.user("eve")
    with pytest.raises(NotAllowed):
        read(index, ada, by=index.actor(eve))


def test_no_token_reads_a_history(index, ada):
    token = token_of(index, ada)
    with index.work() as work:
        actor = actor_of(work.db, work.tools, f"Bearer {token}", now=work.now, address="192.0.2.1", user_agent=None)
    with pytest.raises(NotAllowed, match="An API token can't be used to see what happened to"):
        read(index, ada, by=actor)


def test_owners_read_the_history_of_their_project_and_maintainers_do_not(index, ada):
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    bob = index.user("bob")
    with index.work() as work:
        give_role(work, find_project(work, "demo"), work.db.get_one(User, bob.id), RoleName.MAINTAINER)
    with index.work(index.actor(ada)) as work:
        tags = [one.tag for one in history_of(work, find_project(work, "demo"))]
    assert tags[0] == "project:role:add"
    assert tags[-1] == "project:create"
    with pytest.raises(NotAllowed), index.work(index.actor(bob)) as work:
        history_of(work, find_project(work, "demo"))


def test_kinds_and_times_are_chosen(index, ada):
    make_token(index, ada, "CI")
    assert [one.tag for one in read(index, ada, beginnings=["account:api_token:"])] == ["account:api_token:added"]
    assert [one.tag for one in read(index, ada, beginnings=["account:cr%", "account:cr"])] == ["account:create"]
    assert read(index, ada, since=datetime.now(UTC) + timedelta(seconds=5)) == []


def test_all_of_it_is_read_in_batches_without_a_gap(index, ada, monkeypatch):
    monkeypatch.setattr(history, "BATCH", 3)
    for number in range(7):
        make_token(index, ada, str(number))
    with index.work(index.actor(ada)) as work:
        user = work.db.get_one(User, ada.id)
        told = [one.details.get("description") for one in all_of(work, user)]
    assert told == ["6", "5", "4", "3", "2", "1", "0", None]


def test_addresses_are_kept_as_digests_where_the_settings_say_so(index_with):
    index = index_with(AUDIT__ADDRESSES="hashed")
    ada = index.user("ada")
    for place in ("192.0.2.7", "192.0.2.7", "192.0.2.8"):
        with index.work(replace(index.actor(ada), address=place)) as work:
            create_token(work, work.db.get_one(User, ada.id), description=str(work.now))
    third, second, first = [one.address for one in read(index, ada)][:3]
    assert first == second != third
    assert first.startswith("hashed:")
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    kept = str(run(index, "SELECT e::text FROM audit_events e")) + str(run(index, "SELECT t::text FROM tokens t"))
    assert "192.0.2" not in kept
    assert kept.count("hashed:") > 3
