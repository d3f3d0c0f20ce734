"""Forgetting what is inside files: what nobody looks at any more, and what there is no room for."""

from __future__ import annotations

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from warehouse.domain.packaging.contents import Contents
from warehouse.infra.jobs import job
from warehouse.work import Work

AT_ONCE = 1000
LOCK = 0x636F6E74  # "cont"

# Whoever writes texts holds it with others, whoever forgets them alone: else a text could be forgotten as unused that
# somebody has just found there, whose member is not yet to be seen.
_WRITING = text("SELECT pg_advisory_xact_lock_shared(:lock)")
_FORGETTING = text("SELECT pg_advisory_xact_lock(:lock)")
_UNUSED_TEXTS = text("""
    DELETE FROM content_texts
    WHERE NOT EXISTS (SELECT FROM content_members WHERE content_members.digest = content_texts.digest)
""")


@job(queue="housekeeping", unique=True)
def forget_contents(work: Work) -> None:
    """Forget what nobody has looked at for the time that the settings say, and what is beyond their capacity."""
    work.db.execute(_FORGETTING, {"lock": LOCK})
    work.db.execute(delete(Contents).where(Contents.looked_at < work.now - work.settings.contents.keep))
    over = total_weight(work.db) - work.settings.contents.capacity
    oldest = select(Contents.file_id, Contents.weight).where(Contents.weight > 0).order_by(Contents.looked_at)
    gone = []
    for file_id, weight in work.db.execute(oldest.limit(AT_ONCE)) if over > 0 else ():
        gone.append(file_id)
        over -= weight
        if over <= 0:
            break
    work.db.execute(delete(Contents).where(Contents.file_id.in_(gone)))
    work.db.execute(_UNUSED_TEXTS)


def hold_texts(db: Session) -> None:
    """Have nobody forget texts until this transaction ends."""
    db.execute(_WRITING, {"lock": LOCK})


def total_weight(db: Session) -> int:
    """The bytes that all contents take at most."""
    return int(db.scalar(select(func.coalesce(func.sum(Contents.weight), 0))) or 0)
