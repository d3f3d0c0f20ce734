"""The table of namespaces (PEP 752), and which grants and projects a name has to do with."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import DateTime, ForeignKey, Text, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.domain.accounts import User
from warehouse.domain.packaging.projects import Project, Role, RoleName
from warehouse.infra.db import Base
from warehouse.standards.names import NormalizedName
from warehouse.standards.namespaces import below, covering

LOCK = 0x6E616D65  # "name"


class Namespace(Base):
    """A grant: only ``owner_id`` registers new projects called ``name`` or ``name-…``.

    Grants of which one covers the other have the same owner. An account that owns one cannot be deleted: first it has
    to be revoked, because pages tell of it.
    """

    __tablename__ = "namespaces"

    name: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)  # bytewise, for ranges of what it covers
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Covered(NamedTuple):
    """A project that a namespace covers."""

    name: str
    normalized_name: str
    created_at: datetime


def namespaces_covering(db: Session, name: NormalizedName) -> Sequence[Namespace]:
    """The grants that cover ``name``, outermost first. They have one owner."""
    found = db.scalars(select(Namespace).where(Namespace.name.in_(covering(name)))).all()
    return sorted(found, key=lambda namespace: len(namespace.name))


def namespaces_below(db: Session, name: NormalizedName) -> Sequence[Namespace]:
    """The grants that a grant of ``name`` would cover, but for itself."""
    start, end = below(name)
    query = select(Namespace).where(Namespace.name >= start, Namespace.name < end)
    return db.scalars(query.order_by(Namespace.name)).all()


def projects_in(db: Session, name: str) -> Sequence[Covered]:
    """The projects that a grant of ``name`` covers."""
    column = Project.normalized_name
    start, end = below(name)
    # Bytewise, whatever the collation of the database, as the index for beginnings is.
    begins = and_(column.op("~>=~")(start), column.op("~<~")(end))
    query = select(Project.name, column, Project.created_at).where(or_(column == name, begins))
    return [Covered(*row) for row in db.execute(query.order_by(column))]


def somebody_elses(
    db: Session, name: NormalizedName, *, uploader: uuid.UUID | None, project: Project | None
) -> str | None:
    """The namespace that keeps this upload out, None when none does.

    A project that is yet to be made would be the uploader's. One that exists is in its namespace when one of its
    owners holds the grant, and may go on in any case when it is older than that.
    """
    query = select(Namespace.name).where(Namespace.name.in_(covering(name)))
    if project is None:
        query = query.where(Namespace.owner_id != uploader)
    else:
        held = select(Role.id).where(
            Role.project_id == project.id,
            Role.role_name == RoleName.OWNER.value,
            Role.user_id == Namespace.owner_id,
        )
        query = query.where(Namespace.granted_at < project.created_at, ~held.exists())
    return db.scalar(query.order_by(Namespace.name).limit(1))


def owner_of(db: Session, namespace: Namespace) -> str:
    """The name of the user who holds it."""
    return db.scalars(select(User.username).where(User.id == namespace.owner_id)).one()


def hold_still(db: Session, *, shared: bool) -> None:
    """Keep grants as they are until the transaction ends: those who make projects share it, who grants has it alone."""
    lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    db.execute(select(lock(LOCK)))
