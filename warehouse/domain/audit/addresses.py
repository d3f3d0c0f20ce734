"""What the audit trail keeps of a network address."""

from __future__ import annotations

import hashlib
import hmac

from warehouse.standards.networks import network_of
from warehouse.work import Tools

HASHED = "hashed:"
DIGITS = 20  # of the digest: enough to tell apart all addresses that one index ever sees


def kept_address(tools: Tools, address: str | None) -> str | None:
    """The address, or where ``audit.addresses`` says so a digest of it, keyed because all addresses can be tried."""
    if address is None or tools.settings.audit.addresses == "shown":
        return address
    digest = hmac.new(tools.secret, b"audit address " + network_of(address).encode(), hashlib.sha256).hexdigest()
    return f"{HASHED}{digest[:DIGITS]}"


def is_hashed(address: str) -> bool:
    """Whether only a digest of the address was kept."""
    return address.startswith(HASHED)
