"""The tables of how often files are downloaded: counted by day, and added up for each project."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class Download(Base):
    """How often the files of one version were downloaded on one day (UTC), by what and on what.

    ``kind`` says who fetches: ``installer``, ``mirror``, ``browser``, ``other``. The last three are empty where the
    client did not say; ``python`` is ``3.12``, ``system`` is ``Linux``. Nothing tells one client from another.
    """

    __tablename__ = "downloads"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    installer: Mapped[str] = mapped_column(Text, primary_key=True)
    python: Mapped[str] = mapped_column(Text, primary_key=True)
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "normalized_name", "day"),)


class RecentDownloads(Base):
    """Downloads of a project by installers and people in the last day, week and month before ``as_of`` (UTC)."""

    __tablename__ = "recent_downloads"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[int] = mapped_column(BigInteger)
    week: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[date] = mapped_column(Date)

    __table_args__ = (Index(None, "month"),)
