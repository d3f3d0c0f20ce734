"""What the page of sessions shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.accounts import UserSession
from warehouse.operations.sessions import sessions_of
from warehouse.standards.user_agents import in_words
from warehouse.web.request import Request


@dataclass(frozen=True)
class ShownSession:
    """A browser that is signed in."""

    id: uuid.UUID
    device: str | None
    address: str | None
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    is_this: bool

    @classmethod
    def of(cls, session: UserSession, present: uuid.UUID) -> ShownSession:
        """The session as the page needs it."""
        return cls(
            session.id,
            in_words(session.user_agent),
            session.address,
            session.created_at,
            session.used_at,
            session.expires_at,
            session.id == present,
        )


@dataclass(frozen=True)
class SessionsPage:
    """The browser at hand first, then the one used last."""

    sessions: tuple[ShownSession, ...]
    now: datetime


def sessions_page(request: Request) -> SessionsPage:
    """The page for whoever is signed in."""
    assert request.user is not None and request.visit is not None
    found = sessions_of(request.work.db, request.user, request.work.now)
    shown = (ShownSession.of(session, request.visit.id) for session in found)
    return SessionsPage(tuple(sorted(shown, key=lambda session: not session.is_this)), request.work.now)
