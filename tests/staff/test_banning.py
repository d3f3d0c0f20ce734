"""Network addresses from which nobody signs in."""

from __future__ import annotations

import dataclasses

import pytest

from tests.builders import wheel
from tests.staff.people import do, history, sign_in
from warehouse.domain.accounts import is_banned
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound
from warehouse.operations.banning import ban_address, bans, unban_address
from warehouse.operations.sessions import session_of
from warehouse.work import OPERATOR


def ban(index, address, by=None):
    with index.work(index.actor(by) if by else OPERATOR) as work:
        ban_address(work, address)


def unban(index, address):
    with index.work() as work:
        unban_address(work, address)


def listed(index):
    with index.work() as work:
        return [(str(one.address), one.reason, one.banned_by) for one in bans(work)]


def test_a_banned_address_is_nobody_until_the_ban_ends(index, root, ada):
    browser = sign_in(index, "ada")

    def is_somebody(address):
        with index.work(dataclasses.replace(OPERATOR, address=address)) as work:
            return session_of(work, browser) is not None

    ban(index, "192.0.2.7", by=root)
    assert not is_somebody("192.0.2.7")
    assert is_somebody("192.0.2.8")
    assert listed(index) == [("192.0.2.7", "administrative", "root")]
    unban(index, "192.0.2.7")
    assert is_somebody("192.0.2.7")
    assert [tag for tag, _ in history(index, "site:address")] == ["site:address:ban", "site:address:unban"]


def test_tokens_go_on_working_from_a_banned_address(index, ada):
    ban(index, "192.0.2.1")
    assert index.upload(wheel("demo", "1.0"), by=ada).status == 200


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
    ],
)
def test_an_address_is_banned_once_however_it_is_written(index, written, address):
    ban(index, written)
    ban(index, address)
    assert [found for found, _, _ in listed(index)] == [address]
    with index.work() as work:
        assert is_banned(work.db, address)
    unban(index, written)
    assert listed(index) == []


@pytest.mark.parametrize(
    ("seen", "is_so"),
    [
        ("192.0.2.7", True), ("::ffff:192.0.2.7", True), ("2001:db8:0::7", True), ("2001:db8::7%eth0", True),
        ("192.0.2.8", False), ("", False), ("unix:", False), ("nobody", False), ("192.0.2.7, 10.0.0.1", False),
        (None, False),
    ],
)  # fmt: skip
def test_whoever_comes_is_recognised_and_what_is_no_address_is_not_banned(index, seen, is_so):
    for address in ("192.0.2.7", "2001:db8::7"):
        ban(index, address)
    with index.work() as work:
        assert is_banned(work.db, seen) is is_so


@pytest.mark.parametrize("address", ["", "nobody", "192.0.2.0/24", "192.0.2.256", "fe80::1%eth0", "1", "\0"])
def test_what_is_no_address_is_refused(index, address):
    with pytest.raises(Invalid):
        ban(index, address)
    with pytest.raises(Invalid):
        unban(index, address)
    assert listed(index) == []


def test_a_proxy_in_front_of_the_index_is_not_banned(index_with):
    index = index_with(WEB__TRUSTED_PROXIES="10.0.0.0/8")
    with pytest.raises(Conflict, match="everybody behind it"):
        ban(index, "10.1.2.3")
    assert listed(index) == []


def test_what_is_not_banned_cannot_be_unbanned(index):
    with pytest.raises(NotFound, match="is not banned"):
        unban(index, "192.0.2.7")


def test_only_those_who_run_the_index_ban(index, root, ada):
    with pytest.raises(NotAllowed):
        ban(index, "192.0.2.7", by=ada)
    with pytest.raises(NotAllowed):
        do(index, lambda work, user: bans(work), "ada", by=ada)
