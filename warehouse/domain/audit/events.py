"""The audit trail's table; rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base


class AuditEvent(Base):
    """Something somebody did. ``subject`` is what it was done to, e.g. ``project:<id>`` or ``account:<id>``.

    No foreign keys: the trail outlives what it tells of.
    """

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    subject: Mapped[str] = mapped_column(Text)
    tag: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    __table_args__ = (Index(None, "subject", "id"),)


def record(
    db: Session,
    subject: str,
    tag: str,
    *,
    at: datetime,
    actor: str,
    address: str | None,
    user_agent: str | None,
    details: dict[str, Any],
) -> None:
    """Add one event to the trail."""
    db.add(
        AuditEvent(
            subject=subject, tag=tag, at=at, actor=actor, address=address, user_agent=user_agent, details=details
        )
    )
