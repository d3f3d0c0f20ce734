"""State that counts once: challenges, links and identifiers, until they are used or their time is over."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary, Text, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base


class Once(Base):
    """Something that is taken at most once. Of its key only a digest is kept: the table alone opens nothing."""

    __tablename__ = "once"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


def put(db: Session, purpose: str, data: dict[str, Any], *, until: datetime, key: str | None = None) -> str:
    """Keep ``data`` until it is taken, or until ``until``; the key to take it with, a new one if none is given.

    What was kept under the same key is replaced.
    """
    key = key or secrets.token_urlsafe(32)
    row = insert(Once).values(digest=_digest(purpose, key), purpose=purpose, data=data, expires_at=until)
    renewed = {"data": row.excluded.data, "expires_at": row.excluded.expires_at}
    db.execute(row.on_conflict_do_update(index_elements=[Once.digest], set_=renewed))
    return key


def take(db: Session, purpose: str, key: str, *, now: datetime) -> dict[str, Any] | None:
    """What was kept under this key, which nobody gets again; None when there is nothing, or not any more.

    Of two that take at once the second waits for the first, and gets nothing unless the first is undone.
    """
    taken = delete(Once).where(Once.digest == _digest(purpose, key)).returning(Once.data, Once.expires_at)
    found = db.execute(taken).first()
    return found.data if found is not None and found.expires_at > now else None


def look(db: Session, purpose: str, key: str, *, now: datetime) -> dict[str, Any] | None:
    """What is kept under this key, and stays so."""
    return db.scalar(select(Once.data).where(Once.digest == _digest(purpose, key), Once.expires_at > now))


def claim(db: Session, purpose: str, key: str, *, until: datetime) -> bool:
    """Whether this is the first claim of the key; ``until`` is when it may be forgotten."""
    row = insert(Once).values(digest=_digest(purpose, key), purpose=purpose, data={}, expires_at=until)
    return db.scalar(row.on_conflict_do_nothing().returning(Once.digest)) is not None


def forget_expired(db: Session, now: datetime) -> None:
    """Delete what nobody can take any more."""
    db.execute(delete(Once).where(Once.expires_at <= now))


def _digest(purpose: str, key: str) -> bytes:
    return hashlib.sha256(f"{purpose}\0{key}".encode()).digest()
