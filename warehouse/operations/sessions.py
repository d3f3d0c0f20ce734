"""Who is signed in to the site."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User, UserSession, is_banned
from warehouse.errors import NotFound
from warehouse.events import SignedIn, tell
from warehouse.operations import devices
from warehouse.work import Actor, ActorKind, Work

COOKIE_BYTES = 32
USED_STEP = timedelta(minutes=5)
"""How exactly it is known when a session was last used: writing it down at each request would cost a write for each."""

MOST_SESSIONS = 100
"""Of one account: nobody has so many browsers, and a program that signs in again and again fills no table."""

VOUCHED_FOR_BY = "second_factor"
"""Where a session keeps the issuer that has seen a second factor when it began."""


def admit(work: Work, user: User, *, method: str, label: str | None = None, vouched_for_by: str | None = None) -> str:
    """Sign the user in with this browser, and return what its cookie holds.

    Whoever calls has made sure that it is the user: ``method`` says how. ``label`` is the name of the security key,
    ``vouched_for_by`` that of the issuer that has seen a second factor. The network address is a known device from now
    on.
    """
    secret = secrets.token_urlsafe(COOKIE_BYTES)
    settings = work.settings.sessions
    work.db.add(
        UserSession(
            id=uuid.uuid4(),
            digest=_digest(secret),
            user_id=user.id,
            csrf_token=secrets.token_urlsafe(COOKIE_BYTES),
            method=method,
            created_at=work.now,
            used_at=work.now,
            expires_at=work.now + min(settings.idle, settings.longest),
            authenticated_at=work.now,
            password_set_at=user.password_set_at,
            address=work.actor.address,
            user_agent=work.actor.user_agent,
            data={VOUCHED_FOR_BY: vouched_for_by} if vouched_for_by is not None else {},
        )
    )
    _end_beyond(work, user, MOST_SESSIONS)
    user.last_login_at = work.now
    devices.confirm(work, user)
    work.actor = actor_of(work, user, vouched_for_by=vouched_for_by)
    tell(work, SignedIn(user, method, label))
    return secret


def session_of(work: Work, secret: str) -> tuple[UserSession, User] | None:
    """The session and its user that a cookie stands for; None when it is over.

    It is over when its time has passed, the user is frozen or has another password since, or the address it is used
    from is banned.
    """
    query = select(UserSession, User).join(User, User.id == UserSession.user_id).options(joinedload(User.emails))
    found = work.db.execute(query.where(UserSession.digest == _digest(secret))).unique().first()
    if found is None:
        return None
    session, user = found
    is_over = session.expires_at <= work.now or session.password_set_at != user.password_set_at or user.is_frozen
    if is_over or is_banned(work.db, work.actor.address):
        return None
    _note_use(work, session)
    return session, user


def actor_of(work: Work, user: User, *, vouched_for_by: str | None = None) -> Actor:
    """The user as the actor of this work, at the same address."""
    return Actor(
        ActorKind.USER,
        user_id=user.id,
        username=user.username,
        is_administrator=user.is_administrator,
        is_moderator=user.is_moderator,
        address=work.actor.address,
        user_agent=work.actor.user_agent,
        vouched_for_by=vouched_for_by,
    )


def mark_authenticated(work: Work, session: UserSession) -> None:
    """The person has just shown again that it is them."""
    session.authenticated_at = work.now


def renew(work: Work, session: UserSession) -> str | None:
    """Give the session another secret, and return it for the cookie: what was in the cookie before opens nothing.

    None when the session has ended meanwhile.
    """
    secret = secrets.token_urlsafe(COOKIE_BYTES)
    renewed = update(UserSession).where(UserSession.id == session.id).values(digest=_digest(secret))
    options = {"synchronize_session": False}
    return secret if work.db.scalar(renewed.returning(UserSession.id), execution_options=options) else None


def is_recent(work: Work, session: UserSession, limit: timedelta | None = None) -> bool:
    """Whether they did so not longer ago than ``limit``, by default ``sessions.reauthenticate_after``."""
    return work.now - session.authenticated_at <= (limit or work.settings.sessions.reauthenticate_after)


def sessions_of(db: Session, user: User, now: datetime) -> list[UserSession]:
    """Where the user is signed in, the one used last first."""
    live = (
        UserSession.user_id == user.id,
        UserSession.expires_at > now,
        UserSession.password_set_at.is_not_distinct_from(user.password_set_at),
    )
    return list(db.scalars(select(UserSession).where(*live).order_by(UserSession.used_at.desc())))


def end_session(work: Work, user: User, session_id: uuid.UUID) -> None:
    """Sign the user out there; refuses with :class:`NotFound`."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    session = work.db.get(UserSession, session_id)
    if session is None or session.user_id != user.id:
        raise NotFound("There is no such session; it may have ended by itself.", code="no_such_session")
    work.db.delete(session)


def end_other_sessions(work: Work, user: User, session: UserSession) -> None:
    """Sign the user out everywhere but there."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    end_sessions(work, user, but=session)


def end_sessions(work: Work, user: User, *, but: UserSession | None = None) -> None:
    """Sign the user out everywhere, except in one session."""
    ended = delete(UserSession).where(UserSession.user_id == user.id)
    work.db.execute(ended.where(UserSession.id != but.id) if but is not None else ended)


def keep_signed_in(session: UserSession, user: User) -> None:
    """Let this session outlive a change of the password that it made."""
    session.password_set_at = user.password_set_at


def _end_beyond(work: Work, user: User, most: int) -> None:
    """Sign the user out where they were last seen longest ago, until so many sessions are left."""
    work.db.flush()
    newest_first = (UserSession.used_at.desc(), UserSession.created_at.desc(), UserSession.id)
    beyond = select(UserSession.id).where(UserSession.user_id == user.id).order_by(*newest_first).offset(most)
    ended = delete(UserSession).where(UserSession.id.in_(beyond))
    work.db.execute(ended, execution_options={"synchronize_session": False})


def _note_use(work: Work, session: UserSession) -> None:
    if work.now - session.used_at < USED_STEP:
        return
    settings = work.settings.sessions
    expires_at = min(work.now + settings.idle, session.created_at + settings.longest)
    row = select(UserSession.id).where(UserSession.id == session.id).with_for_update(skip_locked=True)
    work.db.execute(
        update(UserSession)
        .where(UserSession.id == row.scalar_subquery())
        .values(used_at=work.now, expires_at=expires_at),
        execution_options={"synchronize_session": False},
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
