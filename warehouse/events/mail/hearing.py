"""Hearing what became of a message, from the mail server that refuses it or from the service that delivers it."""

from __future__ import annotations

from warehouse.domain import audit
from warehouse.domain.accounts import SentMail, deliveries
from warehouse.domain.accounts.deliveries import Heard
from warehouse.work import SYSTEM, Work

# Not told as an event: events post mail, and this is what posting mail leads to.
UNVERIFIED = "account:email:unverified"


def hear(work: Work, mail: SentMail, heard: Heard) -> None:
    """Note it, and in the owner's history when an address does not count as verified any more because of it."""
    email = deliveries.hear(work.db, mail, heard)
    if email is None:
        return
    audit.record(
        work.db,
        f"account:{email.user_id}",
        UNVERIFIED,
        at=work.now,
        actor=SYSTEM.name,  # whoever brings the news, it is the index that acts on it
        address=None,
        user_agent=None,
        details={"email": email.address, "reason": email.unverify_reason},
    )
