"""Writing a letter: to whom, in which words, noted in the mail log and in the recipient's history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select

from warehouse.domain import audit
from warehouse.domain.accounts import SentMail
from warehouse.events.mail import texts
from warehouse.events.mail.letter import Letter
from warehouse.events.mail.sending import post
from warehouse.events.mail.texts import Reader
from warehouse.infra.mail import Message
from warehouse.standards.user_agents import in_words
from warehouse.work import ActorKind, Work

SENT = "account:email:sent"


def write(work: Work, letter: Letter) -> None:
    """Have the letter sent if this work commits; nothing happens when nobody may be written to.

    It is noted in the history of the account that it went to. Whoever caused it is not told of there by address,
    unless that was the recipient or somebody who had not signed in.
    """
    address = letter.recipient()
    if address is None:
        return
    text = texts.render(letter.kind, _reader(letter, address), _known(work, letter), site=work.settings.site.name)
    if letter.not_again_within is not None and _was_sent(work, address, text.subject, letter.not_again_within):
        return
    post(work, Message(address, text.subject, text.plain, text.html, _headers(work)))
    if letter.to is not None:
        audit.record(
            work.db,
            f"account:{letter.to.id}",
            SENT,
            at=work.now,
            actor=work.actor.name,
            address=audit.kept_address(work.tools, work.actor.address) if _may_be_named(work, letter) else None,
            user_agent=work.actor.user_agent if _may_be_named(work, letter) else None,
            details={"kind": letter.kind, "to": address, "subject": text.subject},
        )


def _reader(letter: Letter, address: str) -> Reader:
    if letter.to is None:
        return Reader(address)
    return Reader(address, letter.to.username, letter.to.language, letter.to.time_zone)


def _known(work: Work, letter: Letter) -> dict[str, Any]:
    """What every text may name. ``place`` and ``device`` tell from where, if the reader may know it."""
    is_named = _may_be_named(work, letter)
    return {
        "when": work.now,
        "place": work.actor.address if is_named else None,
        "device": in_words(work.actor.user_agent) if is_named else None,
        "site_url": work.settings.public_url,
        "support": work.settings.mail.support,
        "lifetime": _lifetime(work, letter.kind),
        **letter.context,
    }


def _may_be_named(work: Work, letter: Letter) -> bool:
    """Whether the recipient may learn from where it was caused: not when another account did it."""
    is_recipient = letter.to is not None and work.actor.user_id == letter.to.id
    return is_recipient or work.actor.kind is ActorKind.ANONYMOUS


def _lifetime(work: Work, kind: str) -> timedelta:
    """How long the link in a text of this kind is good."""
    links = work.settings.links
    if kind == "invitation":
        return work.settings.accounts.invitation_lifetime
    if kind == "unrecognized-login":
        return links.confirm_login
    return links.password if kind.startswith("password") else links.email


def _headers(work: Work) -> dict[str, str]:
    """Answers go to people, rather than to the address that mail comes from, which nobody may read."""
    return {"Reply-To": work.settings.mail.support} if work.settings.mail.support else {}


def _was_sent(work: Work, address: str, subject: str, within: timedelta) -> bool:
    found = exists().where(
        SentMail.address == address, SentMail.subject == subject, SentMail.created_at > work.now - within
    )
    return bool(work.db.scalar(select(found)))
