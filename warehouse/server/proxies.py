"""Who the client is when proxies that we trust stand between."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from warehouse.server.head import HOST, Frame

Networks = tuple[IPv4Network | IPv6Network, ...]


def address_of(peername: object) -> str:
    """The peer's address as text; an IPv4 address that came through an IPv6 socket is written as IPv4."""
    if not isinstance(peername, tuple) or not peername:
        return ""  # a Unix socket has no address
    return str(peername[0]).removeprefix("::ffff:")


@lru_cache(maxsize=4096)
def is_trusted(address: str, trusted: Networks) -> bool:
    """Does the address lie in one of the networks? What is no address does not."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def origin(peer: str, frame: Frame, trusted: Networks, scheme: str) -> tuple[str, str, str | None]:
    """Client address, scheme, and the host that it asked for (None: the Host field), told by a trusted peer.

    Every proxy appends the address it saw, so the list is read from its end: the first address that is not one of
    ours is the client. What stands before it was written by the client and is not believed.
    """
    addresses, proto, host = frame.forwarded
    client = peer
    for hop in reversed(addresses.split(",")):
        address = hop.strip().strip("[]").removeprefix("::ffff:")
        if _parsed(address) is None:
            break
        client = address
        if not is_trusted(address, trusted):
            break
    said = proto.rpartition(",")[2].strip().lower()
    name = host.rpartition(",")[2].strip()
    return client, said if said in ("http", "https") else scheme, name if name and HOST.fullmatch(name) else None


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
