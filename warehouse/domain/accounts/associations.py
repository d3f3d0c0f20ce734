"""Finding the accounts elsewhere that are the same person's."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from warehouse.domain.accounts.people import Association

ISSUER = "oidc:"
"""How services begin that sign people in: the rest is the issuer's name in the settings."""


def association_of(db: Session, service: str, external_id: str) -> Association | None:
    """The association with this account at the service, whoever's it is."""
    return db.scalar(select(Association).where(Association.service == service, Association.external_id == external_id))


def associations_of(db: Session, user_id: uuid.UUID) -> Sequence[Association]:
    """The user's accounts elsewhere, the oldest association first."""
    query = select(Association).where(Association.user_id == user_id)
    return db.scalars(query.order_by(Association.created_at, Association.id)).all()


def is_associated(db: Session, user_id: uuid.UUID, service: str) -> bool:
    """Whether the user has an account at this service."""
    found = exists().where(Association.user_id == user_id, Association.service == service)
    return bool(db.scalar(select(found)))


def is_vouched_for(db: Session, user_id: uuid.UUID, issuers: Collection[str]) -> bool:
    """Whether one of these issuers vouched, when the user came from there last, for more than a password."""
    if not issuers:
        return False
    found = exists().where(
        Association.user_id == user_id,
        Association.service.in_([ISSUER + name for name in issuers]),
        Association.details["second_factor"].as_boolean(),
    )
    return bool(db.scalar(select(found)))
