"""What Amazon's mail service tells of messages that were sent through it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import insert

from warehouse.domain.accounts import MailEvent, deliveries
from warehouse.domain.accounts.deliveries import Heard
from warehouse.errors import Invalid
from warehouse.events.mail import hear
from warehouse.infra.jobs import job
from warehouse.work import Work

_NAME = re.compile(r"[!-~]{1,255}")
_HEARD = {
    "Delivery": Heard.DELIVERY,
    "Bounce": Heard.TRANSIENT_BOUNCE,  # unless it says that it is permanent
    "Complaint": Heard.COMPLAINT,
}
# What of a notice is worth keeping; the rest is the message's own head, and what machines on its way wrote into it.
_KEPT = ("timestamp", "bounceType", "bounceSubType", "complaintFeedbackType", "complaintSubType", "feedbackId")


@dataclass(frozen=True)
class Notice:
    """A notice about one message. ``heard`` is None where it says something that changes nothing."""

    mail: str
    kind: str
    heard: Heard | None
    details: dict[str, str]

    @classmethod
    def of(cls, text: str) -> Notice:
        """The notice in a notification's text; refuses another text with :class:`Invalid`."""
        document = _object(text)
        kind = document.get("notificationType") or document.get("eventType")
        if not isinstance(kind, str) or kind not in _HEARD:
            raise Invalid(
                "The notice is of no kind that is asked for: Delivery, Bounce, Complaint.", code="notice_kind"
            )
        about, mail = document.get(kind.lower()), document.get("mail")
        name = mail.get("messageId") if isinstance(mail, dict) else None
        if not isinstance(about, dict) or not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Invalid("The notice does not say which message it is about.", code="notice")
        details = {key: value for key in _KEPT if isinstance(value := about.get(key), str) and _NAME.fullmatch(value)}
        return cls(name, kind, _heard(kind, details), details)


def take_notice(work: Work, notice: Notice, *, event_id: str) -> None:
    """Note what became of a message, and stop counting its address as verified when that is what it means.

    A notice that was taken before, by its ``event_id``, changes nothing. Refuses one about a message that we did not
    send, or whose trace was dropped since, with :class:`Invalid`.
    """
    if not _NAME.fullmatch(event_id):
        raise Invalid("The notice has no name.", code="notice")
    mail = deliveries.mail_called(work.db, notice.mail)
    if mail is None:
        raise Invalid("No message of that name was sent from here.", code="mail_unknown")
    row = {
        "event_id": event_id,
        "mail_id": mail.id,
        "kind": notice.kind,
        "data": notice.details,
        "created_at": work.now,
    }
    noted = work.db.scalar(insert(MailEvent).values(row).on_conflict_do_nothing().returning(MailEvent.event_id))
    if noted is not None and notice.heard is not None:
        hear(work, mail, notice.heard)


@job(queue="housekeeping", unique=True)
def forget_mail(work: Work) -> None:
    """Drop from the mail log what has had its time."""
    deliveries.forget_mail(work.db, work.now)


def _object(text: str) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except ValueError as error:
        raise Invalid("The notice is not JSON.", code="notice_json") from error
    if not isinstance(document, dict):
        raise Invalid("The notice is not a JSON object.", code="notice_json")
    return document


def _heard(kind: str, details: dict[str, str]) -> Heard | None:
    if kind == "Bounce" and details.get("bounceType") == "Permanent":
        return Heard.PERMANENT_BOUNCE
    if details.get("complaintFeedbackType") == "not-spam":  # somebody took it out of the folder for spam
        return None
    return _HEARD[kind]
