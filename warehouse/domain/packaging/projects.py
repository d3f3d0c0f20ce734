"""The tables of projects and of who may work on them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.domain.site.sitemaps import sitemap_bucket
from warehouse.infra.db import Base, uuid_key


class ProjectStatus(StrEnum):
    """PEP 792: "a project has exactly one status"; none stored means active."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"


class RoleName(StrEnum):
    """What somebody is to a project."""

    OWNER = "Owner"
    MAINTAINER = "Maintainer"


class Project(Base):
    """A name under which releases are published.

    ``normalized_name`` (PEP 503) is what two spellings share; ``lookalike_name`` is what two names share that
    a reader could take for one another. Limits are bytes; None means the instance's own.
    """

    __tablename__ = "projects"

    id: Mapped[uuid.UUID] = uuid_key()
    name: Mapped[str] = mapped_column(Text)
    normalized_name: Mapped[str] = mapped_column(Text, unique=True)
    lookalike_name: Mapped[str] = mapped_column(Text, index=True)
    status: Mapped[str] = mapped_column(Text, default=ProjectStatus.ACTIVE.value, server_default="active")
    status_reason: Mapped[str | None] = mapped_column(Text)
    file_size_limit: Mapped[int | None] = mapped_column(BigInteger)
    total_size_limit: Mapped[int | None] = mapped_column(BigInteger)
    total_size: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sitemap_bucket: Mapped[str] = mapped_column(Text, sitemap_bucket("name"))

    __table_args__ = (
        CheckConstraint("status IN ('active', 'archived', 'quarantined', 'deprecated')", name="status"),
        CheckConstraint("file_size_limit <= 1073741824", name="file_size_limit"),
        Index(None, "created_at", "id"),  # the newest
        Index(None, "total_size"),  # the largest, and the sum of all
        Index("ix_projects_sitemap", "sitemap_bucket", "created_at", postgresql_include=["name"]),
        # By how names begin, whatever the collation of the database.
        Index("ix_projects_beginning", "normalized_name", postgresql_ops={"normalized_name": "text_pattern_ops"}),
    )


class Role(Base):
    """A user's part in a project."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role_name: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("project_id", "user_id"),
        CheckConstraint("role_name IN ('Owner', 'Maintainer')", name="role_name"),
    )


class ProhibitedName(Base):
    """A normalized name that nobody may register."""

    __tablename__ = "prohibited_project_names"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
