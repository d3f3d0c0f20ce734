"""The tables of users and their addresses."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Identity, Index, LargeBinary, Text, false, func, text
from sqlalchemy.dialects.postgresql import CITEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from warehouse.domain.site.sitemaps import sitemap_bucket
from warehouse.infra.db import Base, uuid_key


class User(Base):
    """Somebody with an account. ``password_hash`` is argon2id, or None when there is no password."""

    __tablename__ = "users"

    id: Mapped[uuid.UUID] = uuid_key()
    username: Mapped[str] = mapped_column(CITEXT, unique=True)
    name: Mapped[str] = mapped_column(Text, default="", server_default="")
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_frozen: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_administrator: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_moderator: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sitemap_bucket: Mapped[str] = mapped_column(Text, sitemap_bucket("username"))

    emails: Mapped[list[Email]] = relationship(back_populates="user", order_by="Email.id", cascade="all, delete-orphan")

    __table_args__ = (Index("ix_users_sitemap", "sitemap_bucket", "created_at", postgresql_include=["username"]),)


class Email(Base):
    """An address of a user; at most one is primary."""

    __tablename__ = "emails"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(CITEXT, unique=True)
    is_primary: Mapped[bool] = mapped_column(Boolean, default=False)
    is_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    is_public: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    user: Mapped[User] = relationship(back_populates="emails")

    __table_args__ = (Index("uq_emails_primary", "user_id", unique=True, postgresql_where=text("is_primary")),)
