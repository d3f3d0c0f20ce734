"""The tables of files and of every file name ever used."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class File(Base):
    """One uploaded file. Digests are lower-case hexadecimal; ``size`` is bytes.

    ``blake2_256`` names the blob that holds the bytes and makes up the file's path; ``metadata_blake2_256``
    names the blob of its metadata companion (PEP 658), which only wheels have.
    """

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(Text, unique=True)
    packagetype: Mapped[str] = mapped_column(Text)
    python_version: Mapped[str] = mapped_column(Text)
    requires_python: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    md5: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text, index=True)
    blake2_256: Mapped[str] = mapped_column(Text, unique=True)
    metadata_sha256: Mapped[str | None] = mapped_column(Text)
    metadata_blake2_256: Mapped[str | None] = mapped_column(Text, index=True)
    sboms: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    uploaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    uploaded_via: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(None, "project_id"),
        Index("uq_files_sdist", "release_id", unique=True, postgresql_where=text("packagetype = 'sdist'")),
        CheckConstraint("packagetype IN ('sdist', 'bdist_wheel')", name="packagetype"),
        CheckConstraint("blake2_256 ~ '^[0-9a-f]{64}$' AND sha256 ~ '^[0-9a-f]{64}$'", name="digests"),
    )

    @property
    def path(self) -> str:
        """Where the file is served below the files' base URL."""
        return file_path(self.blake2_256, self.filename)


class FileName(Base):
    """A file name that was used once: it is never given to other contents, also after deletion."""

    __tablename__ = "file_names"

    filename: Mapped[str] = mapped_column(Text, primary_key=True)
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def file_path(blake2_256: str, filename: str) -> str:
    """``<h[0:2]>/<h[2:4]>/<h[4:]>/<filename>``."""
    return f"{blake2_256[:2]}/{blake2_256[2:4]}/{blake2_256[4:]}/{filename}"
