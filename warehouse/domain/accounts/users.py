"""The tables of users and their addresses."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, CITEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from warehouse.domain.site.sitemaps import sitemap_bucket
from warehouse.infra.db import Base, uuid_key


class DisabledFor(StrEnum):
    """Why a password was taken away."""

    COMPROMISED = "compromised"  # it was found among those that were stolen elsewhere
    ADMINISTRATOR = "administrator"


class UnverifyReason(StrEnum):
    """Why an address no longer counts as verified."""

    SPAM_COMPLAINT = "spam complaint"
    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCE = "soft bounce"
    DOMAIN_STATUS = "domain status invalid"


class User(Base):
    """Somebody with an account.

    ``password_hash`` is argon2id, or None when there is no password; ``password_disabled_for`` then says why it was
    taken away, if it was. ``password_set_at`` changes with the password, and sessions from before end. A code of
    ``totp_secret``, which is kept sealed, counts once: only steps after ``totp_last_step`` do.
    """

    __tablename__ = "users"

    id: Mapped[uuid.UUID] = uuid_key()
    username: Mapped[str] = mapped_column(CITEXT, unique=True)
    name: Mapped[str] = mapped_column(Text, default="", server_default="")
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_set_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    password_disabled_for: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    last_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    prohibit_password_reset: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    hide_avatar: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    language: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)
    is_frozen: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_administrator: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_moderator: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sitemap_bucket: Mapped[str] = mapped_column(Text, sitemap_bucket("username"))

    emails: Mapped[list[Email]] = relationship(back_populates="user", order_by="Email.id", cascade="all, delete-orphan")

    __table_args__ = (
        Index("ix_users_sitemap", "sitemap_bucket", "created_at", postgresql_include=["username"]),
        # By how names begin, whatever their case and the collation of the database.
        Index("ix_users_beginning", text("lower(username::text) text_pattern_ops")),
    )

    @property
    def primary_email(self) -> Email | None:
        """The address that mail goes to, verified or not."""
        return next((email for email in self.emails if email.is_primary), None)

    @property
    def public_email(self) -> Email | None:
        """The address that is shown to those who are signed in."""
        return next((email for email in self.emails if email.is_public), None)


class Email(Base):
    """An address of a user; at most one is primary. ``transient_bounces`` counts failures since the last delivery."""

    __tablename__ = "emails"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(CITEXT, unique=True)
    is_primary: Mapped[bool] = mapped_column(Boolean, default=False)
    is_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    is_public: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    unverify_reason: Mapped[str | None] = mapped_column(Text)
    transient_bounces: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    domain_checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    domain_status: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    user: Mapped[User] = relationship(back_populates="emails")

    __table_args__ = (Index("uq_emails_primary", "user_id", unique=True, postgresql_where=text("is_primary")),)

    def verify(self) -> None:
        """Count the address as its owner's; what is known against it or its domain is forgotten, to be asked anew."""
        self.is_verified = True
        self.unverify_reason = None
        self.transient_bounces = 0
        self.domain_checked_at = self.domain_status = None

    def unverify(self, reason: UnverifyReason) -> bool:
        """Count the address as verified no more, and show it to nobody; whether that is news."""
        was_verified = self.is_verified
        self.is_verified = self.is_public = False
        self.unverify_reason = reason.value
        return was_verified
