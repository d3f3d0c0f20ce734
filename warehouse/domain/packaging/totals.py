"""The tables of what each project adds up to, and all of them together, kept by a follower of the journal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, Integer, Text, true
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


class IndexTotals(Base):
    """The bytes that all rows of :class:`ProjectTotals` hold together: one row, written with them."""

    __tablename__ = "index_totals"

    is_the_only_one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=true())
    size: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("is_the_only_one", name="is_the_only_one"),)
