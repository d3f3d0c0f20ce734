"""The journal's tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class Change(StrEnum):
    """What kind of change an entry tells of; the readable action text is beside it."""

    PROJECT_CREATED = "project created"
    PROJECT_REMOVED = "project removed"
    PROJECT_CHANGED = "project changed"
    PROJECT_QUARANTINED = "project quarantined"
    PROJECT_QUARANTINE_CLEARED = "project quarantine cleared"
    RELEASE_CREATED = "release created"
    RELEASE_REMOVED = "release removed"
    RELEASE_YANKED = "release yanked"
    RELEASE_UNYANKED = "release unyanked"
    RELEASE_QUARANTINED = "release quarantined"
    RELEASE_QUARANTINE_CLEARED = "release quarantine cleared"
    FILE_ADDED = "file added"
    FILE_REMOVED = "file removed"
    PEOPLE_CHANGED = "people changed"


class JournalEntry(Base):
    """One change. Serials rise in the order in which transactions commit.

    ``action`` is the text that mirrors know (``create``, ``add py3 file demo-1.0-py3-none-any.whl`` …);
    ``project`` is the display name at the time, and entries outlive the project they name.
    """

    __tablename__ = "journal"

    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    project: Mapped[str] = mapped_column(Text)
    normalized_name: Mapped[str] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(Text)
    change: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    submitted_by: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (Index(None, "normalized_name", "serial"),)


class ProjectSerial(Base):
    """The newest serial of a project name.

    Kept apart from the project's row, and only ever written under the journal's lock: updating the project
    itself there could wait for a transaction that holds its row and waits for the journal.
    """

    __tablename__ = "project_serials"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger)


class FollowerCursor(Base):
    """How far a follower of the journal has come."""

    __tablename__ = "follower_cursors"

    follower: Mapped[str] = mapped_column(Text, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger)
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
