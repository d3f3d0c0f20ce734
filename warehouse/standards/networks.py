"""Network addresses: which of them are one client's."""

from __future__ import annotations

import ipaddress


def network_of(address: str) -> str:
    """What one client has: a single IPv4 address, but an IPv6 network of 2**64 of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped is not None:  # how a socket for both calls a client that came by IPv4
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def canonical_address(text: str | None) -> str | None:
    """The one way to write this address: without a zone, and as IPv4 where an IPv6 address only wraps one.

    None for what is no address: a Unix socket has none, and proxies may say anything.
    """
    try:
        found = ipaddress.ip_address((text or "").strip().partition("%")[0])
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)
