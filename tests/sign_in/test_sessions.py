"""Being signed in: from the cookie to the person, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from warehouse.domain.accounts import BannedAddress, User, UserSession
from warehouse.operations import sessions
from warehouse.operations.sessions import admit, end_sessions, is_recent, session_of
from warehouse.work import ANONYMOUS, begin

VISITOR = replace(ANONYMOUS, address="192.0.2.1", user_agent="Firefox")


@pytest.fixture
def ada(index) -> User:
    return index.user("ada")


def admitted(index, ada: User) -> str:
    with begin(index.tools, VISITOR) as work:
        return admit(work, work.db.merge(ada), method="password")


def found(index, secret: str, *, after: timedelta = timedelta(), address: str = "192.0.2.1"):
    with begin(index.tools, replace(VISITOR, address=address)) as work:
        work.now = datetime.now(UTC) + after
        return session_of(work, secret)


def change(index, ada: User, **values) -> None:
    with index.work() as work:
        for name, value in values.items():
            setattr(work.db.get(User, ada.id), name, value)


def test_the_cookie_stands_for_the_person(index, ada):
    secret = admitted(index, ada)
    session, user = found(index, secret)
    assert user.username == "ada" and session.method == "password"
    assert user.last_login_at is not None
    assert found(index, secret + "x") is None


def test_the_table_alone_signs_nobody_in(index, ada):
    secret = admitted(index, ada)
    with index.work() as work:
        session = work.db.query(UserSession).one()
        assert secret.encode() not in session.digest and found(index, session.digest.hex()) is None


def test_a_session_ends_when_it_is_not_used_and_goes_on_when_it_is(index, ada):
    secret = admitted(index, ada)
    assert found(index, secret, after=timedelta(hours=11)) is not None
    assert found(index, secret, after=timedelta(hours=22)) is not None
    assert found(index, secret, after=timedelta(hours=35)) is None


def test_a_session_ends_at_last_however_much_it_is_used(index, ada):
    secret = admitted(index, ada)
    for hours in range(10, 336, 10):
        assert found(index, secret, after=timedelta(hours=hours)) is not None
    assert found(index, secret, after=timedelta(hours=337)) is None


@pytest.mark.parametrize("changed", [{"is_frozen": True}, {"password_set_at": datetime(2026, 11, 1, tzinfo=UTC)}])
def test_a_frozen_account_and_a_new_password_end_it(index, ada, changed):
    secret = admitted(index, ada)
    change(index, ada, **changed)
    assert found(index, secret) is None


def test_from_a_banned_address_it_counts_for_nothing_and_elsewhere_goes_on(index, ada):
    secret = admitted(index, ada)
    with index.work() as work:
        work.db.add(BannedAddress(address="198.51.100.7", reason="administrative", banned_by="op", banned_at=work.now))
    assert found(index, secret, address="198.51.100.7") is None
    assert found(index, secret) is not None


def test_everything_but_this_browser_is_signed_out(index, ada):
    here, elsewhere = admitted(index, ada), admitted(index, ada)
    with begin(index.tools, VISITOR) as work:
        session, user = session_of(work, here)
        end_sessions(work, user, but=session)
    assert found(index, here) is not None and found(index, elsewhere) is None


def test_authentication_grows_old(index, ada):
    secret = admitted(index, ada)
    with begin(index.tools, VISITOR) as work:
        session, _ = session_of(work, secret)
        assert is_recent(work, session)
        work.now += timedelta(minutes=31)
        assert not is_recent(work, session)
        assert is_recent(work, session, timedelta(hours=1))


def test_who_signs_in_again_and_again_is_signed_out_where_they_were_last_seen_longest_ago(index, ada, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 2)
    eve = admitted(index, index.user("eve"))
    secrets = [admitted(index, ada) for _ in range(4)]
    assert [found(index, secret) is not None for secret in secrets] == [False, False, True, True]
    assert found(index, eve) is not None
