"""Switches that operators throw while the index runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Boolean, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base


class FlagName(StrEnum):
    """The switches there are; a missing row counts as off."""

    READ_ONLY = "read-only"
    DISALLOW_NEW_UPLOAD = "disallow-new-upload"
    DISALLOW_NEW_PROJECTS = "disallow-new-project-registration"
    DISALLOW_NEW_USERS = "disallow-new-user-registration"
    DISABLE_UPLOAD_SCANNING = "disable-upload-scanning"


MEANINGS: Mapping[FlagName, str] = {
    FlagName.READ_ONLY: "Nothing is taken; uploads are told that the index can only be read.",
    FlagName.DISALLOW_NEW_UPLOAD: "No file is taken.",
    FlagName.DISALLOW_NEW_PROJECTS: "Files are taken for the projects that exist only.",
    FlagName.DISALLOW_NEW_USERS: "Nobody registers, whether invited or not; operators add accounts all the same.",
    FlagName.DISABLE_UPLOAD_SCANNING: "Archives are not searched for code that nobody can read.",
}
"""What each switch does while it is on."""


class Flag(Base):
    """One switch and its position."""

    __tablename__ = "flags"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean, default=False)


def flags_on(db: Session) -> frozenset[str]:
    """The names of all switches that are on."""
    return frozenset(db.scalars(select(Flag.name).where(Flag.enabled)))


def set_flag(db: Session, name: FlagName, enabled: bool) -> None:
    """Throw a switch."""
    row = insert(Flag).values(name=name.value, enabled=enabled)
    db.execute(row.on_conflict_do_update(index_elements=[Flag.name], set_={"enabled": enabled}))
