"""The tables of what projects need of one another, kept by a follower of the journal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class Dependency(Base):
    """What the latest version of a project requires: one row for each name and extra.

    Both names are normalized; ``depends_on`` may be no project of this index. ``extra`` is the one that asks for it,
    empty where every installation does. Derived: it may be rebuilt.
    """

    __tablename__ = "dependencies"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    depends_on: Mapped[str] = mapped_column(Text, primary_key=True)
    extra: Mapped[str] = mapped_column(Text, primary_key=True, default="", server_default="")
    specifier: Mapped[str] = mapped_column(Text, default="", server_default="")

    __table_args__ = (Index(None, "depends_on", "normalized_name"),)


class DependentCount(Base):
    """How many projects of this index depend on this name, not counting those that only do with an extra."""

    __tablename__ = "dependent_counts"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
