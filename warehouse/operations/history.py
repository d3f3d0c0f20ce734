"""Reading what happened to an account or a project, as the people it concerns may read it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from warehouse.authz import Permission, require
from warehouse.domain import audit
from warehouse.domain.accounts import User
from warehouse.domain.audit import AuditEvent
from warehouse.domain.packaging import Project
from warehouse.events import subject_of
from warehouse.standards.user_agents import in_words
from warehouse.work import ANONYMOUS, Work, begin

SHOWN_FOR = timedelta(days=90)
"""How far back the owner of an account sees what happened to it."""

BATCH = 500


@dataclass(frozen=True)
class Happened:
    """One event. ``address`` and ``device`` are None when unknown, or when they are somebody else's."""

    number: int
    at: datetime
    tag: str
    actor: str
    address: str | None
    device: str | None
    details: dict[str, Any]
    is_redacted: bool = False


def history_of(
    work: Work,
    subject: User | Project,
    *,
    since: datetime | None = None,
    before: int | None = None,
    beginnings: Collection[str] = (),
    limit: int = BATCH,
) -> list[Happened]:
    """At most ``limit`` things that happened to it, newest first; ``before`` is the number of one of them.

    Of what somebody else did to an account its owner learns who and what, but not from where.
    """
    is_account = isinstance(subject, User)
    require(work.actor, Permission.READ_ACCOUNT_HISTORY if is_account else Permission.READ_PROJECT_HISTORY, subject)
    found = audit.events_of(
        work.db, subject_of(subject), since=since, before=before, beginnings=beginnings, limit=limit
    )
    reader = subject.username if isinstance(subject, User) and work.actor.user_id == subject.id else None
    return [_happened(event, reader) for event in found]


def all_of(
    work: Work, subject: User | Project, *, since: datetime | None = None, beginnings: Collection[str] = ()
) -> Iterator[Happened]:
    """Everything that happened to it, newest first, read in batches while it is used; each has its own transaction."""
    before: int | None = None
    while True:
        with begin(work.tools, work.actor) as reading:
            batch = history_of(reading, subject, since=since, before=before, beginnings=beginnings, limit=BATCH)
        yield from batch
        if len(batch) < BATCH:
            return
        before = batch[-1].number


def described(happened: Happened) -> dict[str, Any]:
    """As it is exported."""
    return {
        "at": happened.at.isoformat(),
        "tag": happened.tag,
        "actor": happened.actor,
        "address": happened.address,
        "device": happened.device,
        "details": happened.details,
    }


def _happened(event: AuditEvent, reader: str | None) -> Happened:
    """``reader`` is the owner of the account when it is them who read it."""
    is_hidden = reader is not None and event.actor not in (reader, ANONYMOUS.name)
    return Happened(
        event.id,
        event.at,
        event.tag,
        event.actor,
        None if is_hidden else event.address,
        None if is_hidden else in_words(event.user_agent) or event.user_agent,
        event.details,
        is_hidden and event.address is not None,
    )
