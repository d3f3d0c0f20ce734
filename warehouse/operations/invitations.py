"""Inviting people to open an account."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Invitation
from warehouse.domain.accounts.admission import open_invitation
from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.events import InvitationRevoked, PersonInvited, tell
from warehouse.operations.addresses import parse_address, refuse_taken
from warehouse.operations.links import Purpose, read, sign
from warehouse.settings import Settings
from warehouse.work import ActorKind, Work


def invite(work: Work, text: str) -> Invitation:
    """Write to an address that its owner may open an account, which then needs no verifying.

    Inviting again sends another link in the place of the one before. Refuses with :class:`Invalid` what
    is no address, and with :class:`Conflict` one that is somebody's, and when the settings have nobody register.
    """
    require(work.actor, Permission.CREATE_USER)
    if not may_invite(work.settings):
        raise Conflict(
            "Nobody can register: set accounts.registration to invitation, and sign_on.passwords to allowed.",
            code="registration_closed",
        )
    address = parse_address(text, anywhere=True)
    refuse_taken(work, address)
    expires_at = work.now + work.settings.accounts.invitation_lifetime
    made = insert(Invitation).values(
        id=uuid.uuid4(), address=address.text, invited_by=work.actor.name, created_at=work.now, expires_at=expires_at
    )
    anew = {name: made.excluded[name] for name in ("id", "invited_by", "created_at", "expires_at")}
    again = made.on_conflict_do_update(index_elements=[Invitation.address], set_={**anew, "accepted_by": None})
    invitation = work.db.scalars(again.returning(Invitation), execution_options={"populate_existing": True}).one()
    inviter = work.actor.username if work.actor.kind is ActorKind.USER else None
    tell(work, PersonInvited(invitation, inviter, invitation_link(work, invitation)))
    return invitation


def may_invite(settings: Settings) -> bool:
    """Whether somebody with an invitation could open an account."""
    return settings.accounts.registration != "closed" and settings.sign_on.offers_passwords


def invitation_link(work: Work, invitation: Invitation) -> str:
    """Where the account is opened, by whoever has the link."""
    require(work.actor, Permission.CREATE_USER)
    token = sign(work.tools.secret, Purpose.INVITATION, invitation=invitation.id)
    return f"{work.settings.public_url}/account/invitation/?token={token}"


def invitation_of(work: Work, token: str) -> Invitation:
    """The invitation that a link belongs to, for whoever has the link.

    Refuses with :class:`Invalid` a link that is no good, was used, or was revoked.
    """
    payload = read(work, Purpose.INVITATION, token)
    found = open_invitation(work.db, uuid.UUID(payload["invitation"]), work.now)
    if found is None:
        raise Invalid("This invitation was used or taken back. Ask for another one.", code="link_used")
    return found


def revoke_invitation(work: Work, invitation: Invitation) -> None:
    """Make the invitation's links worthless; an account that was opened with it stays."""
    require(work.actor, Permission.CREATE_USER)
    tell(work, InvitationRevoked(invitation))
    work.db.delete(invitation)


def find_invitation(work: Work, which: str | uuid.UUID) -> Invitation:
    """The invitation of this address, or with this number; refuses with :class:`NotFound`."""
    require(work.actor, Permission.CREATE_USER)
    column = Invitation.id if isinstance(which, uuid.UUID) else Invitation.address
    found = work.db.scalar(select(Invitation).where(column == which, Invitation.accepted_by.is_(None)))
    if found is None:
        raise NotFound(f"There is no open invitation of {str(which)!r}.", code="no_such_invitation")
    return found


def invitations(work: Work) -> Sequence[Invitation]:
    """The invitations that nobody has used yet, the newest first, whose time is over included."""
    require(work.actor, Permission.CREATE_USER)
    query = select(Invitation).where(Invitation.accepted_by.is_(None))
    return list(work.db.scalars(query.order_by(Invitation.created_at.desc(), Invitation.address)))
