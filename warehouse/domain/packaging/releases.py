"""The tables of releases and their metadata."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class Release(Base):
    """One version of a project; its metadata is that of the first file uploaded for it.

    ``version`` is the normalised PEP 440 text, ``canonical_version`` the same with trailing zeros stripped (what
    ``1.0`` and ``1.0.0`` share), ``version_key`` sorts bytewise in version order. A release is yanked (PEP 592)
    when ``yanked_at`` is set. Repeatable fields are arrays, NULL when the upload did not state them.
    """

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    version: Mapped[str] = mapped_column(Text)
    canonical_version: Mapped[str] = mapped_column(Text)
    version_key: Mapped[bytes] = mapped_column(LargeBinary)
    is_prerelease: Mapped[bool] = mapped_column(Boolean, default=False)
    yanked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    yanked_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    is_quarantined: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    uploader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    uploaded_via: Mapped[str | None] = mapped_column(Text)

    metadata_version: Mapped[str] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    author_email: Mapped[str | None] = mapped_column(Text)
    author_email_verified: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    maintainer: Mapped[str | None] = mapped_column(Text)
    maintainer_email: Mapped[str | None] = mapped_column(Text)
    maintainer_email_verified: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    license: Mapped[str | None] = mapped_column(Text)
    license_expression: Mapped[str | None] = mapped_column(Text)
    license_files: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    keywords: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    platforms: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    supported_platforms: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    classifiers: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    home_page: Mapped[str | None] = mapped_column(Text)
    home_page_verified: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    download_url: Mapped[str | None] = mapped_column(Text)
    download_url_verified: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    project_urls: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)  # [{label, url, verified}]
    requires_python: Mapped[str | None] = mapped_column(Text)
    requires_dist: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    requires_external: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    requires: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    provides: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    provides_dist: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    provides_extra: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    obsoletes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    obsoletes_dist: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    dynamic: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    import_names: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    import_namespaces: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    __table_args__ = (
        UniqueConstraint("project_id", "version"),
        UniqueConstraint("project_id", "canonical_version"),
        Index(None, "created_at", "id"),  # the newest of all
        Index(None, "project_id", "created_at", "id"),  # and of one project
        # Without a list of what is still to be put in, which now and then an upload would have to work off.
        Index(None, "classifiers", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        CheckConstraint("yanked_at IS NOT NULL OR yanked_reason = ''", name="yanked_reason"),
    )


class Description(Base):
    """A release's long description, as given and as rendered; ``html`` is empty until a job has rendered it.

    ``problem`` is the sentence why it could not be rendered as what it claims to be, empty where it could: ``html`` is
    plain text then. ``rendered_by`` is :data:`warehouse.standards.readme.RENDERER` as it was at the time.
    """

    __tablename__ = "descriptions"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    content_type: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    rendered_by: Mapped[str] = mapped_column(Text, index=True)
    problem: Mapped[str] = mapped_column(Text, default="", server_default="")
