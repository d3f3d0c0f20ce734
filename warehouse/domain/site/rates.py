"""Counters for rate limits, in a table that PostgreSQL need not write to its log.

Two fixed windows weighted by how much of the older one still counts approximate a moving window. Counters
are not part of the work they count: they are written in a transaction of their own, so that a refused
attempt counts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import DateTime, Integer, Text, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from warehouse.infra.db import Base
from warehouse.settings import Rate


class RateWindow(Base):
    """How often ``key`` did something in the window that starts at ``starts_at``."""

    __tablename__ = "rate_windows"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class Allowance(NamedTuple):
    """What is left of a limit to one person or address; ``seconds`` are those until its window ends."""

    name: str
    whose: Literal["ip", "user"]
    rate: Rate
    left: int
    seconds: int


def headers(allowances: Iterable[Allowance]) -> list[tuple[str, str]]:
    """``RateLimit-Policy`` and ``RateLimit`` (draft 10), for clients that pace themselves; none without a limit."""
    policies, states = [], []
    for name, whose, rate, left, seconds in allowances:
        policies.append(f'"{name}";q={rate.count};w={int(rate.period.total_seconds())};pk=:{whose}:')
        states.append(f'"{name}";r={left};t={seconds}')
    return [("ratelimit-policy", ", ".join(policies)), ("ratelimit", ", ".join(states))] if policies else []


def window_start(now: datetime, period: timedelta) -> datetime:
    """When the window that holds ``now`` began."""
    seconds = int(period.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def remaining(db: Session, key: str, count: int, period: timedelta, *, now: datetime) -> tuple[int, int]:
    """How many more times ``key`` may, and in how many seconds its window ends."""
    current = window_start(now, period)
    found = db.execute(
        select(RateWindow.starts_at, RateWindow.count.label("used")).where(
            RateWindow.key == key, RateWindow.starts_at.in_([current, current - period])
        )
    )
    windows = {row.starts_at: row.used for row in found}
    passed = (now - current) / period
    used = windows.get(current, 0) + windows.get(current - period, 0) * (1 - passed)
    return max(0, int(count - used)), max(1, int((current + period - now).total_seconds()))


def hit(db: Session, key: str, period: timedelta, *, now: datetime) -> None:
    """Count one more for ``key``."""
    row = insert(RateWindow).values(key=key, starts_at=window_start(now, period), count=1)
    db.execute(
        row.on_conflict_do_update(
            index_elements=[RateWindow.key, RateWindow.starts_at], set_={"count": RateWindow.count + 1}
        )
    )


def take_back(db: Session, key: str, period: timedelta, *, now: datetime) -> None:
    """Count one less for ``key`` in the window that holds ``now``."""
    window = (RateWindow.key == key, RateWindow.starts_at == window_start(now, period), RateWindow.count > 0)
    db.execute(update(RateWindow).where(*window).values(count=RateWindow.count - 1))


def forget(db: Session, key: str) -> None:
    """Count from zero again for ``key``."""
    db.execute(delete(RateWindow).where(RateWindow.key == key))
