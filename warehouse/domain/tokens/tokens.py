"""The table of API tokens."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base, uuid_key


class Token(Base):
    """One token. The token itself is nowhere stored: it is derived from ``salt`` and the instance's secret.

    ``caveats`` are the wire forms that were issued with it; they are applied again at every use, so that a
    limit added here later holds for tokens that are already out. A token that was made from another one has that
    one as its ``parent_id``, and goes with it. ``details`` say how it was made.
    """

    __tablename__ = "tokens"

    id: Mapped[uuid.UUID] = uuid_key()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    description: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    caveats: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_from: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))

    __table_args__ = (
        # Scripts that make tokens from their own describe them alike.
        Index(
            "uq_tokens_user_id_description",
            "user_id",
            "description",
            unique=True,
            postgresql_where=text("parent_id IS NULL"),
        ),
        Index(None, "user_id", "created_at"),
    )
