"""Making, recognising and revoking API tokens."""

from __future__ import annotations

import base64
import math
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import orjson
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain import audit
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project
from warehouse.domain.tokens import Token
from warehouse.errors import Conflict, Invalid, NotAuthenticated, NotFound
from warehouse.events import ProjectTokenRevoked, TokenLeaked, TokenRevoked, tell
from warehouse.operations import limits
from warehouse.operations.issuing import checked_description, for_projects, issue, key_of, own_projects
from warehouse.standards import caveats, macaroons
from warehouse.work import ANONYMOUS, Actor, ActorKind, Credential, Tools, Work

LAST_USED_STEP = timedelta(minutes=1)
LONGEST_LIFETIME = timedelta(days=36_500)


def create_token(
    work: Work,
    user: User,
    *,
    description: str,
    projects: Collection[str] = (),
    lifetime: timedelta | None = None,
) -> tuple[Token, str]:
    """A new token of ``user`` and its text, which is shown once and stored nowhere.

    Without ``projects`` it may do what the user may; with them it is limited to these projects, which must
    exist and have the user as a collaborator. Without ``lifetime`` it lives as long as the settings say.
    """
    require(work.actor, Permission.MANAGE_TOKENS, user)
    limits.reserve(work, limits.new_token(work, user))
    description = checked_description(description)
    if work.db.scalar(select(Token.id).where(is_named(user, description))):
        raise Conflict(f"{user.username} has a token called {description!r} already.", code="description_taken")
    lifetime = work.settings.tokens.default_lifetime if lifetime is None else lifetime
    covered = own_projects(work, user, list(projects))
    holding = for_projects(covered) if covered else [caveats.serialize(caveats.RequestUser(str(user.id)))]
    if lifetime is not None:
        holding.append(_expiration(work, lifetime))
    return issue(work, user, description=description, limits=holding, projects=covered)


def revoke_token(work: Work, user: User, token_id: uuid.UUID) -> Token:
    """Make a token of ``user`` worthless at once, and those that were made from it; what it was."""
    require(work.actor, Permission.MANAGE_TOKENS, user)
    token = work.db.get(Token, token_id)
    if token is None or token.user_id != user.id:
        raise NotFound(f"{user.username} has no token {token_id}.", code="no_such_token")
    remove(work, TokenRevoked(user, token))
    return token


def remove(work: Work, event: TokenRevoked | TokenLeaked) -> None:
    """Delete a token that somebody may delete, and tell it where it is to be heard."""
    user, token = event.user, event.token
    tell(work, event)
    names = projects_of(token) or []
    for project in work.db.scalars(select(Project).where(Project.normalized_name.in_(names)).order_by(Project.name)):
        tell(work, ProjectTokenRevoked(project, user, token))
    work.db.delete(token)


def is_named(user: User, description: str) -> ColumnElement[bool]:
    """Which tokens of the user are called so; those that were made from others share names."""
    return (Token.user_id == user.id) & (Token.description == description) & Token.parent_id.is_(None)


def tokens_of(db: Session, user: User) -> list[Token]:
    """The user's tokens, oldest first, without those that were made from others."""
    mine = select(Token).where(Token.user_id == user.id, Token.parent_id.is_(None))
    return list(db.scalars(mine.order_by(Token.created_at)))


def derived_counts(db: Session, user: User, now: datetime) -> dict[uuid.UUID, int]:
    """How many living tokens were derived from each of the user's."""
    derived = select(Token.parent_id, func.count()).where(Token.user_id == user.id, Token.expires_at > now)
    rows = db.execute(derived.where(Token.parent_id.is_not(None)).group_by(Token.parent_id))
    return {parent: count for parent, count in rows if parent is not None}


def projects_of(token: Token) -> list[str] | None:
    """The normalized names of the projects that the token is limited to; None when it covers all of its user's."""
    return projects_within([caveats.deserialize(orjson.dumps(limit)) for limit in token.caveats])


def projects_within(limits: Iterable[caveats.Caveat]) -> list[str] | None:
    """The normalized names of the projects that all of these limits leave; None when none of them is about projects."""
    named = [limit.names for limit in limits if isinstance(limit, caveats.ProjectNames)]
    return [name for name in named[0] if all(name in names for names in named)] if named else None


def actor_of(
    db: Session, tools: Tools, authorization: str | None, *, now: datetime, address: str, user_agent: str | None
) -> Actor:
    """Whom an ``Authorization`` header speaks for; the anonymous actor without one.

    Refuses with :class:`NotAuthenticated` what names nobody: another scheme, a password, an unknown or
    revoked token, a user who is frozen or whose password was taken away. A known token with a wrong signature is
    somebody's, and carries its flaw.
    """
    if not authorization:
        return ANONYMOUS
    macaroon = _presented(authorization)
    try:
        token_id = uuid.UUID(macaroon.identifier.decode("ascii"))
    except ValueError as error:
        raise unknown_token() from error
    found = db.execute(select(Token, User).join(User, User.id == Token.user_id).where(Token.id == token_id)).first()
    if found is None:
        raise unknown_token()
    token, user = found
    if user.is_frozen or user.password_disabled_for is not None:
        raise unknown_token()
    credential = _credential(tools, token, macaroon, now)
    if credential.flaw is None:
        _note_use(db, token, now, audit.kept_address(tools, address))
    return Actor(
        ActorKind.USER,
        user_id=user.id,
        username=user.username,
        is_administrator=user.is_administrator,
        is_moderator=user.is_moderator,
        credential=credential,
        address=address,
        user_agent=user_agent,
    )


def unknown_token() -> NotAuthenticated:
    """What is said to whoever presents a token that is none, or none any more."""
    return NotAuthenticated(
        "Invalid or non-existent authentication information. Make a new API token if this one was revoked.",
        code="unknown_token",
    )


def token_text(authorization: str) -> str:
    """The token inside an ``Authorization`` header: ``Basic`` with user ``__token__``, ``Bearer`` or ``token``."""
    scheme, _, rest = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            return rest.strip()
        case "basic":
            return _basic(rest.strip())
    raise NotAuthenticated(
        "Invalid or non-existent authentication information. Use an API token: user __token__, password the token.",
        code="unknown_scheme",
    )


def _basic(encoded: str) -> str:
    try:
        username, separator, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:  # no base64, not even ASCII, or no UTF-8 inside
        raise unknown_token() from error
    if not separator:
        raise unknown_token()
    if username != "__token__":
        raise NotAuthenticated(
            "Username and password are not accepted here. Use an API token: user __token__, password the token.",
            code="password_used",
        )
    return password.strip()


def _presented(authorization: str) -> macaroons.Macaroon:
    try:
        return macaroons.from_token(token_text(authorization))
    except macaroons.BadMacaroon as error:
        raise unknown_token() from error


def _credential(tools: Tools, token: Token, macaroon: macaroons.Macaroon, now: datetime) -> Credential:
    flaw = None
    read: list[caveats.Caveat] = []
    try:
        # The limits in our own row count too: one added there later holds for a token that is already out.
        stored = [orjson.dumps(caveat) for caveat in token.caveats]
        read = [caveats.deserialize(raw) for raw in macaroons.verify(macaroon, key_of(tools, token), stored)]
    except macaroons.BadSignature:
        flaw = "signatures do not match"
    except caveats.BadCaveat as error:
        flaw = str(error)
    return Credential(token_id=token.id, caveats=tuple(read), presented_at=now, flaw=flaw, parent_id=token.parent_id)


def _note_use(db: Session, token: Token, now: datetime, address: str | None) -> None:
    """Remember when and from where, to the minute, without ever waiting for another request that does the same."""
    if token.last_used_at is not None and now - token.last_used_at < LAST_USED_STEP:
        return
    row = select(Token.id).where(Token.id == token.id).with_for_update(skip_locked=True).scalar_subquery()
    db.execute(
        update(Token).where(Token.id == row).values(last_used_at=now, last_used_from=address),
        execution_options={"synchronize_session": False},
    )


def _expiration(work: Work, lifetime: timedelta) -> bytes:
    if not timedelta() < lifetime <= LONGEST_LIFETIME:
        raise Invalid(
            f"A token must live for some time, and for at most {LONGEST_LIFETIME.days} days.", code="bad_lifetime"
        )
    start = int(work.now.timestamp())
    return caveats.serialize(caveats.Expiration(start + math.ceil(lifetime.total_seconds()), start))
