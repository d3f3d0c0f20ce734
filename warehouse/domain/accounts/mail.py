"""The mail log's tables: what was sent to which address, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, func
from sqlalchemy.dialects.postgresql import CITEXT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class SentMail(Base):
    """One message. ``message_id`` is the name under which whoever delivers it speaks of it."""

    __tablename__ = "sent_mails"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    address: Mapped[str] = mapped_column(CITEXT)
    sender: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (Index(None, "address", "subject", "created_at"), Index(None, "created_at"))


class MailEvent(Base):
    """What a mail service told of a message: delivery, bounce or complaint; told twice, it counts once."""

    __tablename__ = "mail_events"

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("sent_mails.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
