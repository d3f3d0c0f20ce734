"""Finding people."""

from __future__ import annotations

import uuid

from sqlalchemy import Text, cast, exists, func, select
from sqlalchemy.orm import Session

from warehouse.domain.accounts.people import BannedAddress
from warehouse.domain.accounts.second_factors import SecurityKey
from warehouse.domain.accounts.users import Email, User
from warehouse.standards.networks import canonical_address


def user_named(db: Session, username: str) -> User | None:
    """The user of this name, whatever its case."""
    return db.scalar(select(User).where(User.username == username))


def held_user(db: Session, user_id: uuid.UUID) -> User | None:
    """The user as they are now, whom nobody else changes until the transaction ends.

    Read anew: what this transaction has read of them before may be what another one has changed since, so that a link
    that dies when it is used would work for everybody who opens it at once.
    """
    query = select(User).where(User.id == user_id).with_for_update(key_share=True)
    return db.scalar(query.execution_options(populate_existing=True))


def any_administrator(db: Session) -> bool:
    """Whether anybody administers this index yet."""
    return bool(db.scalar(select(exists().where(User.is_administrator))))


def has_verified_email(db: Session, user_id: uuid.UUID) -> bool:
    """Whether the user's primary address is verified."""
    return bool(db.scalar(select(exists().where(Email.user_id == user_id, Email.is_primary, Email.is_verified))))


def has_second_factor(db: Session, user_id: uuid.UUID) -> bool:
    """Whether signing in as this user takes more than the password: a TOTP code, or a security key."""
    totp = exists().where(User.id == user_id, User.totp_secret.is_not(None))
    key = exists().where(SecurityKey.user_id == user_id)
    return bool(db.scalar(select(totp | key)))


def secured_users(db: Session) -> set[uuid.UUID]:
    """Everybody for whom signing in takes more than the password."""
    totp = select(User.id).where(User.totp_secret.is_not(None))
    return set(db.scalars(totp.union(select(SecurityKey.user_id))))


def is_banned(db: Session, address: str | None) -> bool:
    """Whether nobody may sign in from this network address, however it is written."""
    asked = canonical_address(address)
    return asked is not None and bool(db.scalar(select(exists().where(BannedAddress.address == asked))))


def usernames_beginning(db: Session, beginning: str, *, limit: int) -> list[str]:
    """Names of users that begin so, whatever their case, in order."""
    lowered = func.lower(cast(User.username, Text))
    query = select(User.username).where(lowered.startswith(beginning.lower(), autoescape=True)).order_by(lowered)
    return list(db.scalars(query.limit(limit)))
