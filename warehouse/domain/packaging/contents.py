"""The tables of what is inside files, as far as somebody has looked: all of it can be made again from the files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.domain.packaging.files import File
from warehouse.domain.packaging.projects import Project, ProjectStatus
from warehouse.domain.packaging.releases import Release
from warehouse.infra.db import Base

UNLOGGED = {"prefixes": ["UNLOGGED"]}
"""Written half as often, in no backup, and empty after a crash of the database."""


class ContentState(StrEnum):
    """How far looking into a file has come."""

    WAITING = "waiting"
    UNPACKED = "unpacked"
    REFUSED = "refused"


class MemberKind(StrEnum):
    """What a member of a file is; a large one is a text that was not kept."""

    TEXT = "text"
    BINARY = "binary"
    LARGE = "large"
    LINK = "link"


class Contents(Base):
    """That somebody looks into a file. ``problem`` is the sentence why it was refused.

    ``weight`` is the bytes that it takes at most; texts that it shares with others are counted in each.
    """

    __tablename__ = "contents"

    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(Text, default="", server_default="")
    weight: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    looked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

    __table_args__ = (CheckConstraint("state IN ('waiting', 'unpacked', 'refused')", name="state"), UNLOGGED)


class ContentMember(Base):
    """A member of a file, in the order of paths. ``digest`` is the SHA-256 of its content, of a link's target."""

    __tablename__ = "content_members"

    file_id: Mapped[int] = mapped_column(ForeignKey("contents.file_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int | None] = mapped_column(Integer)
    link: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index(None, "digest"), UNLOGGED)


class ContentText(Base):
    """A text, once for all members that hold it: ``body`` is its UTF-8, compressed with Zstandard."""

    __tablename__ = "content_texts"
    __table_args__ = UNLOGGED

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ContentComparison(Base):
    """How many lines were added to and removed from members that changed between two files, as JSON by path."""

    __tablename__ = "content_comparisons"
    __table_args__ = UNLOGGED

    old_file_id: Mapped[int] = mapped_column(ForeignKey("contents.file_id", ondelete="CASCADE"), primary_key=True)
    new_file_id: Mapped[int] = mapped_column(
        ForeignKey("contents.file_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    counted_by: Mapped[int] = mapped_column(SmallInteger)
    counts: Mapped[bytes] = mapped_column(LargeBinary)


class Member(NamedTuple):
    """A member as pages speak of it."""

    path: str
    kind: str
    size: int
    lines: int | None
    link: str | None
    digest: bytes


_COLUMNS = (
    ContentMember.path,
    ContentMember.kind,
    ContentMember.size,
    ContentMember.lines,
    ContentMember.link,
    ContentMember.digest,
)


def members_of(db: Session, file_id: int) -> Sequence[Member]:
    """What is in the file, by path."""
    query = select(*_COLUMNS).where(ContentMember.file_id == file_id).order_by(ContentMember.position)
    return [Member(*row) for row in db.execute(query)]


def member_at(db: Session, file_id: int, path: str) -> Member | None:
    """What is at this path in the file."""
    row = db.execute(
        select(*_COLUMNS).where(ContentMember.file_id == file_id, ContentMember.path == path)
    ).one_or_none()
    return Member(*row) if row is not None else None


def packagetype_of(db: Session, file_id: int) -> str:
    """``sdist`` or ``bdist_wheel``."""
    return db.execute(select(File.packagetype).where(File.id == file_id)).scalar_one()


class Inside(NamedTuple):
    """A file that somebody looks into."""

    id: int
    project: str
    normalized_name: str
    version: str
    filename: str
    packagetype: str
    size: int
    blake2_256: str
    uploaded_at: datetime


def files_of_releases(db: Session, normalized_name: str, versions: Sequence[str]) -> Sequence[Inside]:
    """The files of these releases that may be shown, by name."""
    shown = _SHOWN.where(Project.normalized_name == normalized_name, Release.version.in_(versions))
    return [Inside(*row) for row in db.execute(shown.order_by(File.filename))]


def file_inside(db: Session, normalized_name: str, filename: str) -> Inside | None:
    """The project's file of this name; None where there is none, or it is not shown to anybody."""
    row = db.execute(_SHOWN.where(Project.normalized_name == normalized_name, File.filename == filename)).one_or_none()
    return Inside(*row) if row is not None else None


_SHOWN = (
    select(
        File.id,
        Project.name,
        Project.normalized_name,
        Release.version,
        File.filename,
        File.packagetype,
        File.size,
        File.blake2_256,
        File.uploaded_at,
    )
    .join(Release, Release.id == File.release_id)
    .join(Project, Project.id == File.project_id)
    .where(Project.status != ProjectStatus.QUARANTINED.value, Release.is_quarantined.is_(False))
)
