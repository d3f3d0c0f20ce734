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
