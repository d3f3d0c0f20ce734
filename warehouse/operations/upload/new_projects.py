"""How often somebody may register a new name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.domain.site import rates
from warehouse.errors import TooMany
from warehouse.settings import Rate
from warehouse.standards.networks import network_of
from warehouse.work import SYSTEM, Work, begin

SENTENCE = "Too many new projects created. Try again later."


@dataclass
class NewProject:
    """Whether an upload attempts to create a project: whatever becomes of it, its answer then tells the limits."""

    is_attempted: bool = False


def refuse_too_many(work: Work) -> None:
    """Refuse with :class:`TooMany` when the person or the address has used up its new projects."""
    for _, key, rate in _limits(work):
        left, seconds = rates.remaining(work.db, key, rate.count, rate.period, now=work.now)
        if not left:
            raise TooMany(SENTENCE, retry_after=seconds, code="too_many_new_projects")


def count_new_project(work: Work) -> None:
    """Count one, whatever becomes of the upload: in a transaction of its own, which is over at once.

    Refuses with :class:`TooMany`, and counts nothing, when others used up the last one since the upload was judged:
    counting locks the row, so of several at once each sees how many came before it.
    """
    limits = list(_limits(work))
    if not limits:
        return
    with begin(work.tools, SYSTEM) as counting:
        for _, key, rate in limits:
            rates.hit(counting.db, key, rate.period, now=work.now)
            left, seconds = rates.remaining(counting.db, key, rate.count + 1, rate.period, now=work.now)
            if not left:
                raise TooMany(SENTENCE, retry_after=seconds, code="too_many_new_projects")


def rate_headers(work: Work) -> list[tuple[str, str]]:
    """What is left to the person and the address, for clients that pace themselves."""
    return rates.headers(_allowances(work))


def _allowances(work: Work) -> Iterator[rates.Allowance]:
    for name, key, rate in _limits(work):
        left, seconds = rates.remaining(work.db, key, rate.count, rate.period, now=work.now)
        yield rates.Allowance(name, "ip" if name.endswith("ip") else "user", rate, left, seconds)


def _limits(work: Work) -> Iterator[tuple[str, str, Rate]]:
    limits = work.settings.limits
    actor = work.actor
    if limits.new_projects_per_address and actor.address:
        network = network_of(actor.address)
        yield "project.create.ip", f"project.create.ip:{network}", limits.new_projects_per_address
    if limits.new_projects_per_user and actor.user_id:
        yield "project.create.user", f"project.create.user:{actor.user_id}", limits.new_projects_per_user
