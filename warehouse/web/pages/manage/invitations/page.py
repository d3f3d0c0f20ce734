"""What the page of invitations shows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from warehouse.operations.invitations import invitations, may_invite
from warehouse.web.request import Request


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited and has not come yet."""

    id: uuid.UUID
    address: str
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    is_over: bool


@dataclass(frozen=True)
class InvitationsPage:
    """Those who were invited, the newest first, and the form that invites."""

    invited: tuple[Invited, ...]
    may_invite: bool
    typed: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)


def invitations_page(
    request: Request, *, typed: str = "", mistakes: Mapping[str, str] | None = None
) -> InvitationsPage:
    """The page; refuses with :class:`NotAllowed` whoever may not invite."""
    now = request.work.now
    found = invitations(request.work)
    return InvitationsPage(
        tuple(
            Invited(one.id, one.address, one.invited_by, one.created_at, one.expires_at, one.expires_at <= now)
            for one in found
        ),
        may_invite(request.settings),
        typed,
        mistakes or {},
    )
