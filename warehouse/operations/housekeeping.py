"""Throwing away what has had its time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from warehouse.domain.accounts import Device, UserSession
from warehouse.domain.site import RateWindow, once
from warehouse.domain.tokens import Token
from warehouse.infra.jobs import delete_ended_jobs, job
from warehouse.settings import Rate
from warehouse.work import Work

KEEP_FAILED_JOBS = timedelta(days=30)
KEEP_DERIVED_TOKENS = timedelta(days=1)
# Whoever was just written to about a place is not written to again; a confirmed place has no end.
KEEP_UNCONFIRMED = timedelta(days=1)
# The longest period that is limited without a setting. A window still counts, ever less, during the one after it.
LONGEST_PERIOD = timedelta(days=1)


@job(queue="housekeeping", unique=True)
def forget_rates(work: Work) -> None:
    """Delete counters that no rate limit looks at any more."""
    limits = (value for _, value in work.settings.limits)
    rates = (rate for value in limits for rate in (value if isinstance(value, tuple) else (value,)))
    longest = max((rate.period for rate in rates if isinstance(rate, Rate)), default=LONGEST_PERIOD)
    work.db.execute(delete(RateWindow).where(RateWindow.starts_at < work.now - 2 * max(longest, LONGEST_PERIOD)))


@job(queue="housekeeping", unique=True)
def forget_visits(work: Work) -> None:
    """Delete sessions that are over, places that nobody confirmed, and one-time states that nobody can use any more."""
    work.db.execute(delete(UserSession).where(UserSession.expires_at <= work.now))
    work.db.execute(delete(Device).where(Device.expires_at <= work.now - KEEP_UNCONFIRMED))
    once.forget_expired(work.db, work.now)


@job(queue="housekeeping", unique=True)
def forget_derived_tokens(work: Work) -> None:
    """Delete the tokens of scripts that ended a day ago; the audit trail still tells of them."""
    ended = Token.expires_at < work.now - KEEP_DERIVED_TOKENS
    work.db.execute(delete(Token).where(Token.parent_id.is_not(None), ended))


@job(queue="housekeeping", unique=True)
def forget_jobs(work: Work) -> None:
    """Delete jobs that were given up a month ago; their errors are in the log."""
    delete_ended_jobs(work.db, older_than=KEEP_FAILED_JOBS)
