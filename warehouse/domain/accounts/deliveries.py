"""What becomes of mail that was sent, and what that says about the address it went to."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from warehouse.domain.accounts.mail import SentMail
from warehouse.domain.accounts.users import Email, UnverifyReason

MOST_TRANSIENT_BOUNCES = 5
"""One more, without a delivery in between, and the address counts as lost."""

KEEP_ARRIVED = timedelta(days=14)
KEEP_ALL = timedelta(days=90)


class MailStatus(StrEnum):
    """What is known of a message."""

    ACCEPTED = "Accepted"
    DELIVERED = "Delivered"
    SOFT_BOUNCED = "Soft Bounced"
    BOUNCED = "Bounced"
    COMPLAINED = "Complained"


class Heard(StrEnum):
    """What somebody who delivers mail tells of a message."""

    DELIVERY = "Delivery"
    PERMANENT_BOUNCE = "Permanent Bounce"
    TRANSIENT_BOUNCE = "Transient Bounce"
    COMPLAINT = "Complaint"


_LEADS_TO = {
    Heard.DELIVERY: MailStatus.DELIVERED,
    Heard.PERMANENT_BOUNCE: MailStatus.BOUNCED,
    Heard.TRANSIENT_BOUNCE: MailStatus.SOFT_BOUNCED,
    Heard.COMPLAINT: MailStatus.COMPLAINED,
}
# A word that leads nowhere is kept and changes nothing: an automatic reply to a message that has arrived looks like a
# transient bounce, and words overtake each other on their way.
_NEXT: dict[str, dict[Heard, MailStatus]] = {
    MailStatus.ACCEPTED: _LEADS_TO,
    MailStatus.SOFT_BOUNCED: _LEADS_TO,
    MailStatus.DELIVERED: {heard: to for heard, to in _LEADS_TO.items() if heard is not Heard.TRANSIENT_BOUNCE},
}


def mail_called(db: Session, message_id: str) -> SentMail | None:
    """The message of this name, locked: two words about it come one after the other."""
    return db.scalar(select(SentMail).where(SentMail.message_id == message_id).with_for_update())


def hear(db: Session, mail: SentMail, heard: Heard) -> Email | None:
    """Note what became of the message; the address, when it is verified no more because of that."""
    follows = _NEXT.get(mail.status, {}).get(heard)
    if follows is None:
        return None
    mail.status = follows
    email = db.scalar(select(Email).where(Email.address == mail.address).with_for_update())
    if email is None:  # taken from the account since
        return None
    if follows is MailStatus.DELIVERED:
        email.transient_bounces = 0
        return None
    if follows is MailStatus.SOFT_BOUNCED:
        email.transient_bounces += 1
        is_lost = email.transient_bounces > MOST_TRANSIENT_BOUNCES
        return email if is_lost and email.unverify(UnverifyReason.SOFT_BOUNCE) else None
    is_bounce = follows is MailStatus.BOUNCED
    reason = UnverifyReason.HARD_BOUNCE if is_bounce else UnverifyReason.SPAM_COMPLAINT
    return email if email.unverify(reason) else None


def forget_mail(db: Session, now: datetime) -> None:
    """Drop from the mail log what arrived, as far as anybody knows, two weeks ago, and everything after 90 days."""
    arrived = SentMail.status.in_((MailStatus.ACCEPTED, MailStatus.DELIVERED))
    past = or_(SentMail.created_at < now - KEEP_ALL, and_(arrived, SentMail.created_at < now - KEEP_ARRIVED))
    db.execute(delete(SentMail).where(past))
