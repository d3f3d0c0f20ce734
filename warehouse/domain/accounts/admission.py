"""Asking whether somebody may come: what is prohibited, who is invited, which addresses are taken."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from warehouse.domain.accounts.people import Invitation, ProhibitedDomain, ProhibitedUsername
from warehouse.domain.accounts.users import Email, User


def is_prohibited_username(db: Session, username: str) -> bool:
    """Whether nobody may register this name, whatever its case."""
    return bool(db.scalar(select(exists().where(ProhibitedUsername.name == username))))


def any_prohibited_domain(db: Session, domains: Collection[str], *, is_mx: bool) -> bool:
    """Whether one of these is prohibited: as the domain of an address, or as that of a host that receives mail."""
    found = exists().where(ProhibitedDomain.domain.in_(domains), ProhibitedDomain.is_mx == is_mx)
    return bool(domains) and bool(db.scalar(select(found)))


def is_address_taken(db: Session, address: str) -> bool:
    """Whether the address is somebody's, verified or not."""
    return bool(db.scalar(select(exists().where(Email.address == address))))


def hold_emails(db: Session, user: User) -> None:
    """Let nobody else change the user's addresses until the transaction ends, and see them as they are now.

    Without it one request could remove the address that another makes the primary one.
    """
    db.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    db.refresh(user, ["emails"])


def open_invitation(db: Session, invitation_id: uuid.UUID, now: datetime) -> Invitation | None:
    """The invitation, unless it was used or its time is over.

    It is locked: of two who use the same link at once, the second finds it used.
    """
    query = select(Invitation).where(
        Invitation.id == invitation_id, Invitation.accepted_by.is_(None), Invitation.expires_at > now
    )
    return db.scalar(query.with_for_update())
