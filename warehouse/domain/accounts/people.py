"""The tables around accounts: who was invited, who may not come, and which accounts elsewhere are the same person's."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Identity, Text, UniqueConstraint, false, func
from sqlalchemy.dialects.postgresql import CITEXT, INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base, uuid_key


class Invitation(Base):
    """An address whose owner may open an account. ``accepted_by`` is that account; then the link is used up."""

    __tablename__ = "invitations"

    id: Mapped[uuid.UUID] = uuid_key()
    address: Mapped[str] = mapped_column(CITEXT, unique=True)
    invited_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class ProhibitedUsername(Base):
    """A name under which nobody can register."""

    __tablename__ = "prohibited_usernames"

    name: Mapped[str] = mapped_column(CITEXT, primary_key=True)
    prohibited_by: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ProhibitedDomain(Base):
    """A domain whose addresses nobody registers with; with ``is_mx`` also those whose mail it receives."""

    __tablename__ = "prohibited_domains"

    domain: Mapped[str] = mapped_column(CITEXT, primary_key=True)
    is_mx: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    prohibited_by: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class BannedAddress(Base):
    """A network address from which nobody signs in, and whoever is signed in counts as a stranger."""

    __tablename__ = "banned_addresses"

    address: Mapped[str] = mapped_column(INET, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    banned_by: Mapped[str] = mapped_column(Text)
    banned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Association(Base):
    """An account elsewhere that is the same person's. ``service`` is for instance github, or oidc:<issuer's name>."""

    __tablename__ = "associations"

    id: Mapped[uuid.UUID] = uuid_key()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    service: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str] = mapped_column(Text)
    external_username: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (UniqueConstraint("service", "external_id"),)


class TermsEngagement(Base):
    """What a user did about one revision of the terms of service: flashed, notified, viewed or agreed."""

    __tablename__ = "terms_engagements"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    revision: Mapped[str] = mapped_column(Text)
    engagement: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("user_id", "revision", "engagement"),)
