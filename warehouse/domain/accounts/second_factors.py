"""The tables of second factors: WebAuthn credentials and recovery codes. TOTP is part of the user's own row."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.domain.accounts.users import User
from warehouse.infra.db import Base, uuid_key


class SecurityKey(Base):
    """A security key or passkey of a user (WebAuthn), under a label that only they see."""

    __tablename__ = "security_keys"

    id: Mapped[uuid.UUID] = uuid_key()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (UniqueConstraint("user_id", "label"),)


class RecoveryCode(Base):
    """A code that stands in for a lost device, once; only a keyed digest of it is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    generated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    burned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index("uq_recovery_codes_user_id_digest", "user_id", "digest", unique=True),)


def hold_factors(db: Session, user: User) -> None:
    """Let nobody else change the user's factors until the transaction ends, and see them as they are now.

    Without it two last factors could be removed at once, and two sets of recovery codes be valid.
    """
    db.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    db.refresh(user, ["totp_secret", "totp_last_step"])
