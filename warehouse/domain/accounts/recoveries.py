"""The table of accounts that staff are letting their owners into again."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, Text, func, select, text
from sqlalchemy.dialects.postgresql import CITEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base, uuid_key


class AccountRecovery(Base):
    """One recovery: why, and what shows that it is the owner who asks.

    ``token`` opens nothing; somebody looks for it where only the owner can write. ``address`` is theirs from its end
    on, None when they keep the one they have. It goes on until ``ended_at``; ``outcome`` is completed or cancelled.
    """

    __tablename__ = "account_recoveries"

    id: Mapped[uuid.UUID] = uuid_key()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    request_url: Mapped[str] = mapped_column(Text)
    project: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(CITEXT)
    token: Mapped[str] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("uq_account_recoveries_active", "user_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )


def recovery_of(db: Session, user_id: uuid.UUID) -> AccountRecovery | None:
    """The recovery of this account that goes on."""
    query = select(AccountRecovery).where(AccountRecovery.user_id == user_id, AccountRecovery.ended_at.is_(None))
    return db.scalar(query)
