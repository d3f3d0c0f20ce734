"""Addresses whose domain is nobody's any more: whoever registers it next reads their mail, reset links included."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as TimeIsUp
from datetime import timedelta

from sqlalchemy import and_, or_, select, update

from warehouse.domain.accounts import Email, UnverifyReason
from warehouse.infra.domains import DomainStatus, open_domain_status, registrable
from warehouse.infra.jobs import job
from warehouse.operations.emails import unverify_email
from warehouse.work import SYSTEM, Tools, Work, begin

log = logging.getLogger("warehouse.domains")

BATCH = 1000  # addresses that one run looks at
AT_ONCE = 8
LONGEST_RUN = timedelta(minutes=20)
LOOK_AGAIN_AFTER = timedelta(days=30)
TRY_AGAIN_AFTER = timedelta(days=7)

LOST = ("undelegated", "inactive", "expiring", "deleting", "unknown")
"""What registries say of domains that are not, or soon will not be, whoever's they were."""

ALL_AT_ONCE = 20
"""So many domains are never lost in one night without exception: then it is our name servers that are."""


@job(queue="domains", unique=True)
def refresh_domain_status(work: Work) -> None:
    """Ask again about the domains of addresses that were asked about a month ago, or in vain a week ago."""
    status = open_domain_status(work.settings)
    if status is None:
        return
    # Each step in a transaction of its own: none is open while others are being asked.
    addresses = _due(work.tools, work)
    found = _ask(status, addresses)
    told = [words for words in found.values() if words is not None]
    if len(told) >= ALL_AT_ONCE and all(_is_lost(words) for words in told):
        log.error("All %d domains of mail addresses seem to be lost: nothing is noted. Check the resolver.", len(told))
        return
    _note(work.tools, work, {domain: (addresses[domain], words) for domain, words in found.items()})


@job(queue="domains", unique=True)
def unverify_lost_domains(work: Work) -> None:
    """Have the addresses of lost domains verified again by whoever can."""
    query = select(Email).where(Email.is_verified, Email.domain_status.overlap(LOST))
    for email in work.db.scalars(query.order_by(Email.id).limit(BATCH).with_for_update(skip_locked=True)):
        unverify_email(work, email, UnverifyReason.DOMAIN_STATUS)


def _due(tools: Tools, work: Work) -> dict[str, list[int]]:
    """The addresses to ask about, by registrable domain, those that waited longest first."""
    is_due = or_(
        Email.domain_checked_at.is_(None),
        Email.domain_checked_at < work.now - LOOK_AGAIN_AFTER,
        and_(Email.domain_status.is_(None), Email.domain_checked_at < work.now - TRY_AGAIN_AFTER),
    )
    query = select(Email.id, Email.address).where(is_due)
    by_domain: dict[str, list[int]] = defaultdict(list)
    with begin(tools, SYSTEM) as reading:
        for email_id, address in reading.db.execute(
            query.order_by(Email.domain_checked_at.nulls_first(), Email.id).limit(BATCH)
        ):
            by_domain[registrable(_in_ascii(address.rpartition("@")[2]))].append(email_id)
    return by_domain


def _ask(status: DomainStatus, domains: Collection[str]) -> dict[str, tuple[str, ...] | None]:
    """What is known of each, as far as the time goes; the others are asked about tomorrow."""
    found = {}
    asking = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="domain status")
    try:
        questions = {asking.submit(status.of, domain): domain for domain in domains}
        for answered in as_completed(questions, timeout=LONGEST_RUN.total_seconds()):
            found[questions[answered]] = answered.result()
    except TimeIsUp:
        log.warning("Asking about %d domains of mail addresses took too long.", len(domains))
    finally:
        asking.shutdown(cancel_futures=True)
    return found


def _note(tools: Tools, work: Work, found: Mapping[str, tuple[Collection[int], tuple[str, ...] | None]]) -> None:
    with begin(tools, SYSTEM) as noting:
        for email_ids, words in found.values():
            known = None if words is None else list(words)
            values = {"domain_checked_at": work.now, "domain_status": known}
            noting.db.execute(update(Email).where(Email.id.in_(email_ids)).values(**values))


def _is_lost(words: Collection[str]) -> bool:
    return any(word in LOST for word in words)


def _in_ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:  # newer letters than IDNA 2003 knows: nobody can tell
        return ""
