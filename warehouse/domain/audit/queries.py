"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from warehouse.domain.audit.events import AuditEvent


def events_of(
    db: Session,
    subject: str,
    *,
    since: datetime | None = None,
    before: int | None = None,
    beginnings: Collection[str] = (),
    limit: int,
) -> Sequence[AuditEvent]:
    """At most ``limit`` events of the subject, newest first.

    ``before`` is the number of an event: only older ones. ``beginnings``: only those whose tag begins like one of them.
    """
    wanted: list[ColumnElement[bool]] = [AuditEvent.subject == subject]
    if since is not None:
        wanted.append(AuditEvent.at >= since)
    if before is not None:
        wanted.append(AuditEvent.id < before)
    if beginnings:
        wanted.append(or_(*(AuditEvent.tag.startswith(beginning, autoescape=True) for beginning in beginnings)))
    newest_first = select(AuditEvent).where(*wanted).order_by(AuditEvent.id.desc())
    return db.scalars(newest_first.limit(limit)).all()


def rename_actor(db: Session, name: str, to: str) -> None:
    """Let everything that ``name`` did be told of ``to``."""
    db.execute(update(AuditEvent).where(AuditEvent.actor == name).values(actor=to))
