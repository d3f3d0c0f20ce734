"""How often one address may call. Every call counts, also one that is refused for being one too many."""

from __future__ import annotations

from warehouse.domain.site import rates
from warehouse.settings import Rate
from warehouse.standards.networks import network_of
from warehouse.work import SYSTEM, Tools, Work, attempt

NAME = "xmlrpc.client"


def count_call(tools: Tools, address: str) -> rates.Allowance | None:
    """Count a call, and tell what is left to the address: -1 when it had nothing left. None: there is no limit."""
    rate = tools.settings.limits.xmlrpc_per_address
    if rate is None:
        return None
    # In a transaction of its own, so that calls that fail count.
    return attempt(tools, SYSTEM, _count, address, rate)


def _count(work: Work, address: str, rate: Rate) -> rates.Allowance:
    key = f"{NAME}:{network_of(address)}"
    rates.hit(work.db, key, rate.period, now=work.now)
    left, seconds = rates.remaining(work.db, key, rate.count + 1, rate.period, now=work.now)
    return rates.Allowance(NAME, "ip", rate, left - 1, seconds)
