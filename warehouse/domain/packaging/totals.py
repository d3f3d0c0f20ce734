"""The table of what each project adds up to, kept by a follower of the journal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class ProjectTotals(Base):
    """How many releases, files and bytes a project has, and its latest version, as of ``updated_serial`` or later.

    The latest version is the greatest that is neither yanked nor a pre-release, else the greatest that is not yanked,
    else the greatest; releases in quarantine do not count, and it is None when there is no other. Derived: never the
    source of a decision, and it may be rebuilt.
    """

    __tablename__ = "project_totals"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    releases: Mapped[int] = mapped_column(Integer)
    files: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(BigInteger)
    latest_version: Mapped[str | None] = mapped_column(Text)
    updated_serial: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "updated_serial"),)
