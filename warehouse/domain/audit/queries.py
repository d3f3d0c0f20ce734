"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, text
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


def rename(db: Session, name: str, to: str, *, until: datetime) -> None:
    """Let everything that is told of ``name`` until then be told of ``to``."""
    db.execute(_RENAME, {"name": name, "to": to, "until": until, "naming": NAMING})


NAMING = ["user", "target_user", "created_by"]
"""The details whose values are usernames."""

_RENAME = text(
    """
    UPDATE audit_events SET
        actor = CASE WHEN actor = :name THEN :to ELSE actor END,
        details = (
            SELECT coalesce(
                jsonb_object_agg(
                    key,
                    CASE WHEN key = ANY (:naming) AND value = to_jsonb(CAST(:name AS text))
                    THEN to_jsonb(CAST(:to AS text)) ELSE value END
                ),
                '{}'
            )
            FROM jsonb_each(details)
        )
    WHERE at <= :until
        AND (actor = :name OR EXISTS (SELECT FROM unnest(CAST(:naming AS text[])) n WHERE details ->> n = :name))
    """
)
