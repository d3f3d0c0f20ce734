"""Addresses whose domain is nobody's any more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from tests.account.people import Door, door
from tests.contracts.web_service import WebService, web_service
from warehouse.domain.accounts import Email
from warehouse.operations.lost_domains import refresh_domain_status, unverify_lost_domains
from warehouse.work import SYSTEM


@pytest.fixture
def registry():
    with web_service() as service:
        service.answer = lambda path: json.dumps(
            {"status": KNOWN.get(parse_qs(urlsplit(path).query)["domain"][0], "")}
        ).encode()
        yield service


KNOWN = {"example.com": "active", "lost.example": "undelegated inactive", "late.example": "active expiring"}


@pytest.fixture
def at(index, registry) -> Door:
    return door(index, MAIL_DOMAINS__STATUS="service", MAIL_DOMAINS__STATUS_URL=f"{registry.url}/status")


def address(at: Door, text: str, **values) -> None:
    """Give somebody this address, verified unless said otherwise."""
    name = f"user{len(all_statuses(at))}"
    at.index.user(name)
    with at.work() as work:
        email = work.db.scalars(select(Email).where(Email.address == f"{name}@example.com")).one()
        for column, value in {"address": text, "is_verified": True, **values}.items():
            setattr(email, column, value)


def all_statuses(at: Door) -> dict[str, tuple[bool, list[str] | None]]:
    """Of each address, whether it is verified, and what was last heard of its domain."""
    with at.work() as work:
        found = work.db.scalars(select(Email).order_by(Email.id))
        return {email.address: (email.is_verified, email.domain_status) for email in found}


def run(at: Door, job) -> None:
    with at.work(SYSTEM) as work:
        job(work)


def asked(registry: WebService) -> list[str]:
    return sorted(parse_qs(urlsplit(one.path).query)["domain"][0] for one in registry.asked)


def test_every_domain_is_asked_about_once_however_many_addresses_it_has(at, registry):
    for text in ("a@example.com", "b@mail.example.com", "c@lost.example", "d@unknown.example"):
        address(at, text)
    run(at, refresh_domain_status)
    assert asked(registry) == ["example.com", "lost.example", "unknown.example"]
    assert all_statuses(at) == {
        "a@example.com": (True, ["active"]),
        "b@mail.example.com": (True, ["active"]),
        "c@lost.example": (True, ["undelegated", "inactive"]),
        "d@unknown.example": (True, None),
    }
    run(at, refresh_domain_status)
    assert len(asked(registry)) == 3


def test_it_is_asked_again_after_a_month_and_after_a_week_when_nobody_knew(at, registry):
    now = datetime.now(UTC)
    address(at, "a@one.example", domain_checked_at=now - timedelta(days=29), domain_status=["active"])
    address(at, "b@two.example", domain_checked_at=now - timedelta(days=31), domain_status=["active"])
    address(at, "c@three.example", domain_checked_at=now - timedelta(days=6))
    address(at, "d@four.example", domain_checked_at=now - timedelta(days=8))
    run(at, refresh_domain_status)
    assert asked(registry) == ["four.example", "two.example"]


@pytest.mark.parametrize("word", ["undelegated", "inactive", "expiring", "deleting", "unknown"])
def test_addresses_of_lost_domains_have_to_be_verified_again(word, at):
    address(at, "a@lost.example", domain_status=["active", word])
    address(at, "b@fine.example", domain_status=["active"])
    address(at, "c@new.example")
    run(at, unverify_lost_domains)
    run(at, unverify_lost_domains)
    assert [text for text, (is_verified, _) in all_statuses(at).items() if is_verified] == [
        "b@fine.example",
        "c@new.example",
    ]
    assert at.history("account:email") == ["account:email:unverified"]
    with at.work() as work:
        lost = work.db.scalars(select(Email).where(Email.address == "a@lost.example")).one()
        assert lost.unverify_reason == "domain status invalid"


def test_when_every_domain_seems_lost_it_is_the_service_that_is(at, registry):
    for number in range(20):
        address(at, f"a@host{number}.example")
    registry.answer = lambda path: b'{"status": "undelegated"}'
    run(at, refresh_domain_status)
    assert {status for _, status in all_statuses(at).values()} == {None}


def test_nobody_is_asked_where_the_settings_say_so(index, registry):
    at = door(index)
    address(at, "a@lost.example")
    run(at, refresh_domain_status)
    assert all_statuses(at) == {"a@lost.example": (True, None)}
    assert registry.asked == []
