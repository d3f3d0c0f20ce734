"""What decides on who may come: invitations, and what is prohibited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import Invitation, ProhibitedDomain, ProhibitedUsername, User
from warehouse.events.accounts import AboutAccount
from warehouse.events.event import Event
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class Registered(AboutAccount):
    """Somebody opened an account for themselves. ``link`` is where its address is verified, None when it is already."""

    link: str | None
    invited_by: str | None = None

    tag = "account:create"

    def seen(self) -> tuple[User]:
        return (self.user,)

    def details(self) -> dict[str, Any]:
        return {"email": self._address()} | ({"invited_by": self.invited_by} if self.invited_by else {})

    def told(self) -> Iterator[Letter]:
        if self.link is not None:
            yield Letter("verify-email", to=self.user, address=self._address(), context={"link": self.link})

    def _address(self) -> str:
        return self.user.emails[0].address


@dataclass(frozen=True)
class PersonInvited(Event):
    """The owner of an address may open an account; ``link`` is where."""

    invitation: Invitation
    inviter: str | None
    link: str

    tag = "site:invitation:add"

    def about(self) -> Invitation:
        return self.invitation

    def details(self) -> dict[str, Any]:
        return {"email": self.invitation.address}

    def told(self) -> Iterator[Letter]:
        known = {"inviter": self.inviter, "link": self.link}
        yield Letter("invitation", address=self.invitation.address, context=known)


@dataclass(frozen=True)
class InvitationRevoked(Event):
    """The link in the invitation is good for nothing any more."""

    invitation: Invitation

    tag = "site:invitation:remove"

    def about(self) -> Invitation:
        return self.invitation

    def details(self) -> dict[str, Any]:
        return {"email": self.invitation.address}


@dataclass(frozen=True)
class _AboutProhibition(Event):
    prohibited: ProhibitedUsername | ProhibitedDomain

    def about(self) -> ProhibitedUsername | ProhibitedDomain:
        return self.prohibited

    def details(self) -> dict[str, Any]:
        if isinstance(self.prohibited, ProhibitedUsername):
            return {"username": self.prohibited.name, "comment": self.prohibited.comment}
        return {
            "domain": self.prohibited.domain,
            "is_mx": self.prohibited.is_mx,
            "comment": self.prohibited.comment,
        }


@dataclass(frozen=True)
class Prohibited(_AboutProhibition):
    """Nobody registers with this name, or with addresses of this domain, any more."""

    tag = "site:prohibition:add"


@dataclass(frozen=True)
class Permitted(_AboutProhibition):
    """People can register with it again."""

    tag = "site:prohibition:remove"
