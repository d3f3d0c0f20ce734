"""Making, recognising and revoking API tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project, Role
from warehouse.domain.tokens import Token
from warehouse.errors import Conflict, Invalid, NotAuthenticated, NotFound
from warehouse.events import TokenCreated, TokenRevoked, tell
from warehouse.standards import caveats, macaroons
from warehouse.standards.names import normalize
from warehouse.work import ANONYMOUS, Actor, ActorKind, Credential, Tools, Work

DESCRIPTION_LENGTH = 100
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
    description = description.strip()
    if not 0 < len(description) <= DESCRIPTION_LENGTH or not description.isprintable():
        raise Invalid(f"Describe the token in 1 to {DESCRIPTION_LENGTH} printable characters.", code="bad_description")
    if work.db.scalar(select(Token.id).where(Token.user_id == user.id, Token.description == description)):
        raise Conflict(f"{user.username} has a token called {description!r} already.", code="description_taken")
    lifetime = work.settings.tokens.default_lifetime if lifetime is None else lifetime
    limits = _limits(work, user, projects, lifetime)
    token = Token(
        id=uuid.uuid4(),
        user_id=user.id,
        description=description,
        salt=secrets.token_bytes(32),
        caveats=[orjson.loads(caveats.serialize(limit)) for limit in limits],
        created_at=work.now,
        expires_at=work.now + lifetime if lifetime is not None else None,
    )
    work.db.add(token)
    work.db.flush()
    tell(work, TokenCreated(user, token))
    macaroon = macaroons.create(
        work.settings.token_location,
        str(token.id).encode(),
        _key(work.tools, token),
        [caveats.serialize(limit) for limit in limits],
    )
    return token, macaroons.to_token(macaroon)


def revoke_token(work: Work, user: User, token_id: uuid.UUID) -> None:
    """Make a token of ``user`` worthless at once."""
    require(work.actor, Permission.MANAGE_TOKENS, user)
    token = work.db.get(Token, token_id)
    if token is None or token.user_id != user.id:
        raise NotFound(f"{user.username} has no token {token_id}.", code="no_such_token")
    tell(work, TokenRevoked(user, token))
    work.db.delete(token)


def tokens_of(db: Session, user: User) -> list[Token]:
    """The user's tokens, oldest first."""
    return list(db.scalars(select(Token).where(Token.user_id == user.id).order_by(Token.created_at)))


def actor_of(
    db: Session, tools: Tools, authorization: str | None, *, now: datetime, address: str, user_agent: str | None
) -> Actor:
    """Whom an ``Authorization`` header speaks for; the anonymous actor without one.

    Refuses with :class:`NotAuthenticated` what names nobody: another scheme, a password, an unknown or
    revoked token, a frozen user. A known token with a wrong signature is somebody's, and carries its flaw.
    """
    if not authorization:
        return ANONYMOUS
    macaroon = _presented(authorization)
    try:
        token_id = uuid.UUID(macaroon.identifier.decode("ascii"))
    except ValueError as error:
        raise _unknown() from error
    found = db.execute(select(Token, User).join(User, User.id == Token.user_id).where(Token.id == token_id)).first()
    if found is None or found[1].is_frozen:
        raise _unknown()
    token, user = found
    credential = _credential(tools, token, macaroon, now)
    if credential.flaw is None:
        _note_use(db, token, now, address)
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
        raise _unknown() from error
    if not separator:
        raise _unknown()
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
        raise _unknown() from error


def _unknown() -> NotAuthenticated:
    return NotAuthenticated(
        "Invalid or non-existent authentication information. Make a new API token if this one was revoked.",
        code="unknown_token",
    )


def _credential(tools: Tools, token: Token, macaroon: macaroons.Macaroon, now: datetime) -> Credential:
    flaw = None
    limits: list[caveats.Caveat] = []
    try:
        # The limits in our own row count too: one added there later holds for a token that is already out.
        stored = [orjson.dumps(caveat) for caveat in token.caveats]
        limits = [caveats.deserialize(raw) for raw in macaroons.verify(macaroon, _key(tools, token), stored)]
    except macaroons.BadSignature:
        flaw = "signatures do not match"
    except caveats.BadCaveat as error:
        flaw = str(error)
    return Credential(token_id=token.id, caveats=tuple(limits), presented_at=now, flaw=flaw)


def _note_use(db: Session, token: Token, now: datetime, address: str) -> None:
    """Remember when and from where, to the minute, without ever waiting for another request that does the same."""
    if token.last_used_at is not None and now - token.last_used_at < LAST_USED_STEP:
        return
    row = select(Token.id).where(Token.id == token.id).with_for_update(skip_locked=True).scalar_subquery()
    db.execute(
        update(Token).where(Token.id == row).values(last_used_at=now, last_used_from=address),
        execution_options={"synchronize_session": False},
    )


def _limits(work: Work, user: User, names: Collection[str], lifetime: timedelta | None) -> list[caveats.Caveat]:
    limits: list[caveats.Caveat] = [caveats.RequestUser(str(user.id))]
    if names:
        projects = [_own_project(work, user, name) for name in names]
        limits = [
            caveats.ProjectNames(tuple(project.normalized_name for project in projects)),
            caveats.ProjectIds(tuple(str(project.id) for project in projects)),
        ]
    if lifetime is not None:
        if not timedelta() < lifetime <= LONGEST_LIFETIME:
            raise Invalid(
                f"A token must live for some time, and for at most {LONGEST_LIFETIME.days} days.", code="bad_lifetime"
            )
        start = int(work.now.timestamp())
        expires_at = start + int(lifetime.total_seconds())
        limits.append(caveats.Expiration(expires_at, start))
    return limits


def _own_project(work: Work, user: User, name: str) -> Project:
    project = work.db.scalar(
        select(Project)
        .join(Role, Role.project_id == Project.id)
        .where(Project.normalized_name == normalize(name), Role.user_id == user.id)
    )
    if project is None:
        raise NotFound(f"{user.username} has no project {name!r}. Upload to it once first.", code="no_such_project")
    return project


def _key(tools: Tools, token: Token) -> bytes:
    """The macaroon's root key: a stolen database alone forges no token."""
    return hmac.new(tools.secret, b"token " + token.salt, hashlib.sha256).digest()
