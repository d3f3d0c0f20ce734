"""What a token does to tokens: a script makes one that lives as long as it needs it, and ends it when it is done."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project
from warehouse.domain.tokens import Token
from warehouse.errors import Invalid, NotAllowed, NotFound
from warehouse.events import TokenRevoked
from warehouse.operations import limits
from warehouse.operations.issuing import (
    DESCRIPTION_LENGTH,
    checked_description,
    end_of,
    for_projects,
    issue,
    own_projects,
)
from warehouse.operations.tokens import projects_within, remove, unknown_token
from warehouse.settings import show_duration
from warehouse.standards import caveats
from warehouse.work import Credential, Work


@dataclass(frozen=True)
class InUse:
    """The token that was presented, whose it is, and how far it reaches with all that its bearer added."""

    token: Token
    user: User
    projects: list[str] | None
    expires_at: datetime | None


def derive_token(
    work: Work, *, description: str = "", projects: Sequence[str] = (), lifetime: timedelta | None = None
) -> tuple[Token, str]:
    """A token that reaches no further than the one in use and ends no later, and its text.

    With ``projects`` it is limited to these, which must be the user's and within the reach of the one in use. Refuses
    with :class:`NotAllowed` a token that was derived itself, and with :class:`TooMany` after too many.
    """
    used = _in_use(work, Permission.DERIVE_TOKENS)
    limits.reserve(work, limits.new_token(work, used.user))
    credential = _credential(work)
    covered = own_projects(work, used.user, projects)
    for project in covered:
        _require_reach(work, credential, project)
    wanted = [
        # All that was asked of the one in use, what its bearer added included.
        *(caveats.serialize(limit) for limit in credential.caveats if not isinstance(limit, caveats.Expiration)),
        *(for_projects(covered) if covered else ()),
        caveats.serialize(_expiration(work, credential, lifetime)),
    ]
    called = checked_description(description or f"derived from {used.token.description}"[:DESCRIPTION_LENGTH])
    return issue(
        work,
        used.user,
        description=called,
        limits=list(dict.fromkeys(wanted)),
        projects=covered or _named(work, credential),
        parent=used.token,
    )


def token_in_use(work: Work) -> InUse:
    """What is known of the token that was presented."""
    return _in_use(work, Permission.END_OWN_TOKEN)


def end_token(work: Work, token_id: uuid.UUID | None) -> None:
    """Revoke the token in use (None), or one that was derived from it; refuses any other with :class:`NotFound`."""
    used = _in_use(work, Permission.END_OWN_TOKEN)
    token = used.token if token_id is None else work.db.get(Token, token_id)
    if token is None or used.token.id not in (token.id, token.parent_id):
        raise NotFound("The token in use has derived no such token. Use DELETE with 'current' to end it itself.")
    remove(work, TokenRevoked(used.user, token))


def _in_use(work: Work, permission: Permission) -> InUse:
    user = work.db.get(User, work.actor.user_id) if work.actor.user_id is not None else None
    require(work.actor, permission, user)
    token = work.db.get(Token, _credential(work).token_id)
    if user is None or token is None:  # it was revoked since it was recognised
        raise unknown_token()
    held = _credential(work).caveats
    return InUse(token, user, projects_within(held), end_of(held))


def _credential(work: Work) -> Credential:
    assert work.actor.credential is not None  # the permission says so
    return work.actor.credential


def _require_reach(work: Work, credential: Credential, project: Project) -> None:
    """Otherwise the new token would be good for nothing, and nobody would know before it is used."""
    for limit in credential.caveats:
        if isinstance(limit, caveats.ProjectNames | caveats.ProjectIds) and caveats.failure(
            limit, now=int(work.now.timestamp()), project=(str(project.id), project.normalized_name)
        ):
            raise NotAllowed(
                f"The token in use does not cover the project {project.name!r}, nor does what is derived from it.",
                code="beyond_reach",
            )


def _expiration(work: Work, credential: Credential, lifetime: timedelta | None) -> caveats.Expiration:
    """As long as was asked for, but never past the end of the token in use."""
    tokens = work.settings.tokens
    longest = tokens.longest_short_lifetime
    asked = lifetime if lifetime is not None else min(tokens.short_lifetime, longest)
    if not timedelta() < asked <= longest:
        raise Invalid(f"A derived token lives for at most {show_duration(longest)}. Ask for less.", code="bad_lifetime")
    start = int(work.now.timestamp())
    given = [limit for limit in credential.caveats if isinstance(limit, caveats.Expiration)]
    ends = [start + math.ceil(asked.total_seconds()), *(limit.expires_at for limit in given)]
    return caveats.Expiration(min(ends), max([start, *(limit.not_before for limit in given)]))


def _named(work: Work, credential: Credential) -> list[Project]:
    """The projects that the token in use is limited to."""
    names = projects_within(credential.caveats) or []
    return list(work.db.scalars(select(Project).where(Project.normalized_name.in_(names)).order_by(Project.name)))
