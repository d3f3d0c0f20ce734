"""Signs new API tokens and writes them down: what is common to all ways to get one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import select

from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project, Role
from warehouse.domain.tokens import Token
from warehouse.errors import Invalid, NotFound
from warehouse.events import ProjectTokenCreated, TokenCreated, tell
from warehouse.operations.second_factors import is_secured
from warehouse.standards import caveats, macaroons
from warehouse.standards.names import is_valid_name, normalize
from warehouse.work import Tools, Work

DESCRIPTION_LENGTH = 100

#: Characters. Clients send a token as base64 of this text, and proxies take headers of some 32 KB.
LONGEST_TEXT = 16 * 1024


def issue(
    work: Work,
    user: User,
    *,
    description: str,
    limits: Sequence[bytes],
    projects: Sequence[Project] = (),
    parent: Token | None = None,
) -> tuple[Token, str]:
    """A new token of ``user`` and its text, which is stored nowhere; whoever may have it was checked before.

    ``limits`` are caveats in their wire form; ``projects`` are those in whose history it is told.
    """
    token = Token(
        id=uuid.uuid4(),
        user_id=user.id,
        description=description,
        salt=secrets.token_bytes(32),
        caveats=[orjson.loads(limit) for limit in limits],
        created_at=work.now,
        expires_at=end_of(map(caveats.deserialize, limits)),
        parent_id=parent.id if parent is not None else None,
        details={"made_with_2fa": is_secured(work, user)},
    )
    macaroon = macaroons.create(
        work.settings.token_location, str(token.id).encode(), key_of(work.tools, token), list(limits)
    )
    text = macaroons.to_token(macaroon)
    if len(text) > LONGEST_TEXT or len(limits) > macaroons.MOST_CAVEATS:
        raise Invalid("The token would be too long to be sent. Let it name fewer projects.", code="token_too_long")
    work.db.add(token)
    work.db.flush()
    tell(work, TokenCreated(user, token))
    for project in projects:
        tell(work, ProjectTokenCreated(project, user, token))
    return token, text


def checked_description(description: str) -> str:
    """The description without white space around it; refuses one that is empty, too long or cannot be shown."""
    description = description.strip()
    if not 0 < len(description) <= DESCRIPTION_LENGTH or not description.isprintable():
        raise Invalid(f"Describe the token in 1 to {DESCRIPTION_LENGTH} printable characters.", code="bad_description")
    return description


def own_projects(work: Work, user: User, names: Sequence[str]) -> list[Project]:
    """The user's projects of these names, each once; refuses with :class:`NotFound` one that is not theirs."""
    wanted = {normalize(name): name for name in names}
    possible = [normalized for normalized, name in wanted.items() if is_valid_name(name)]
    found = work.db.scalars(
        select(Project)
        .join(Role, Role.project_id == Project.id)
        .where(Project.normalized_name.in_(possible), Role.user_id == user.id)
    )
    known = {project.normalized_name: project for project in found}
    for normalized, name in wanted.items():
        if normalized not in known:
            raise NotFound(f"{user.username} has no project {name!r}. Upload to it once first.", code="no_such_project")
    return [known[normalized] for normalized in wanted]


def for_projects(projects: Sequence[Project]) -> list[bytes]:
    """The caveats that limit a token to these projects: a new project of the same name is another one."""
    names = caveats.ProjectNames(tuple(project.normalized_name for project in projects))
    ids = caveats.ProjectIds(tuple(str(project.id) for project in projects))
    return [caveats.serialize(names), caveats.serialize(ids)]


def key_of(tools: Tools, token: Token) -> bytes:
    """The macaroon's root key: a stolen database alone forges no token."""
    return hmac.new(tools.secret, b"token " + token.salt, hashlib.sha256).digest()


def end_of(limits: Iterable[caveats.Caveat]) -> datetime | None:
    """When the first of the limits in time ends a token; None for never, as far as a time can be written."""
    ends = [limit.expires_at for limit in limits if isinstance(limit, caveats.Expiration)]
    try:
        return datetime.fromtimestamp(min(ends), UTC) if ends else None
    except (ValueError, OverflowError, OSError):  # whoever bears a token may add any number
        return None
