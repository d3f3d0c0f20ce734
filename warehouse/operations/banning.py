"""Keeping network addresses from signing in."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import BannedAddress
from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.events import AddressBanned, AddressUnbanned, tell
from warehouse.standards.networks import canonical_address
from warehouse.work import Work

ADMINISTRATIVE = "administrative"
"""The reason of a ban that a person decided on."""


def ban_address(work: Work, address: str) -> BannedAddress:
    """Let nobody sign in from this address, and take whoever comes from it for a stranger; tokens go on working.

    Doing it again changes nothing. Refuses with :class:`Invalid` what is no address, and with :class:`Conflict` one of
    the proxies in front of the index: behind it is everybody.
    """
    require(work.actor, Permission.BAN_ADDRESS)
    asked = _parsed(address)
    found = work.db.get(BannedAddress, asked)
    if found is not None:
        return found
    if any(ipaddress.ip_address(asked) in network for network in work.settings.web.trusted_proxies):
        raise Conflict(
            f"{asked} is one of web.trusted_proxies: banning it would ban everybody behind it.", code="trusted_proxy"
        )
    ban = BannedAddress(address=asked, reason=ADMINISTRATIVE, banned_by=work.actor.name, banned_at=work.now)
    work.db.add(ban)
    tell(work, AddressBanned(ban))
    return ban


def unban_address(work: Work, address: str) -> None:
    """Let people sign in from this address again; refuses with :class:`NotFound` one that is not banned."""
    require(work.actor, Permission.BAN_ADDRESS)
    asked = _parsed(address)
    ban = work.db.get(BannedAddress, asked)
    if ban is None:
        raise NotFound(f"{asked} is not banned. 'warehouse ban list' shows what is.", code="not_banned")
    tell(work, AddressUnbanned(ban))
    work.db.delete(ban)


def bans(work: Work) -> Sequence[BannedAddress]:
    """Every ban, the newest first."""
    require(work.actor, Permission.BAN_ADDRESS)
    return list(work.db.scalars(select(BannedAddress).order_by(BannedAddress.banned_at.desc(), BannedAddress.address)))


def _parsed(address: str) -> str:
    """One address, in the form in which it is written once."""
    parsed = canonical_address(address) if "%" not in address else None
    if parsed is None:
        raise Invalid(
            f"{address!r} is no IP address. Write one such as 192.0.2.7 or 2001:db8::7, without network or zone.",
            code="bad_address",
        )
    return parsed
