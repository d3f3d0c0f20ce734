"""Whether this index is a copy of another one, and how far the copy has come."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Text,
    false,
    null,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.domain.site.flags import Flag
from warehouse.errors import NotAllowed
from warehouse.infra.db import Base

_STANDING = "the standing of this index"


class Mirror(Base):
    """The one row of an index that is a mirror; no other has any.

    ``serial`` is how far the origin's change feed was followed; ``names`` are the normalized names of the projects that
    are copied, NULL for all. ``is_copied`` says that the first walk through all projects is done.
    """

    __tablename__ = "mirror"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=1, server_default="1", autoincrement=False)
    origin: Mapped[str] = mapped_column(Text)
    names: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    serial: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    is_copied: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    __table_args__ = (CheckConstraint("id = 1", name="one"),)


class MirroredProject(Base):
    """How one project of the origin was copied.

    ``serial`` is that of the origin's pages which were copied, 0 for none yet; the project may be gone. After failures
    it is tried again at ``try_again_at``. ``retold_serial`` is the newest serial here when it was copied without an
    entry of the journal that says so, which is what happens when a later attempt succeeds.
    """

    __tablename__ = "mirrored_projects"

    normalized_name: Mapped[str] = mapped_column(Text, primary_key=True)
    display: Mapped[str] = mapped_column(Text)
    serial: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    problem: Mapped[str | None] = mapped_column(Text)
    try_again_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retold_serial: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(None, "try_again_at", postgresql_where=text("try_again_at IS NOT NULL")),
        Index(None, "retold_serial", postgresql_where=text("retold_serial IS NOT NULL")),
    )


class Standing(NamedTuple):
    """What holds for all that is done here: the switches that are on, and the origin if this index is a mirror."""

    flags: frozenset[str]
    origin: str | None


def standing(db: Session) -> Standing:
    """The standing of this index at the time when this piece of work first asked; one statement, for uploads ask."""
    if _STANDING not in db.info:
        flags = select(Flag.name, null().label("origin")).where(Flag.enabled)
        rows = db.execute(flags.union_all(select(null(), Mirror.origin))).all()
        names = frozenset(name for name, _ in rows if name is not None)
        db.info[_STANDING] = Standing(names, next((origin for _, origin in rows if origin is not None), None))
    return db.info[_STANDING]


def refuse_on_a_mirror(db: Session) -> None:
    """Refuse with :class:`NotAllowed` to change anything here that belongs to the origin."""
    origin = standing(db).origin
    if origin is not None:
        raise NotAllowed(f"This index is a mirror of {origin}: publish and change things there.", code="mirror")
