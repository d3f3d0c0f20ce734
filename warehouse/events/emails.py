"""What happens to the addresses of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import Email, UnverifyReason, User
from warehouse.events.event import Event
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class _AboutEmail(Event):
    email: Email

    def about(self) -> User:
        return self.email.user

    def details(self) -> dict[str, Any]:
        return {"email": self.email.address}

    def _to_be_verified(self, link: str) -> Letter:
        return Letter("verify-email", to=self.email.user, address=self.email.address, context={"link": link})


@dataclass(frozen=True)
class EmailAdded(_AboutEmail):
    """The account has one more address. ``link`` is where it is verified; the others are told of it."""

    link: str

    tag = "account:email:add"

    def told(self) -> Iterator[Letter]:
        yield self._to_be_verified(self.link)
        for other in self.email.user.emails:
            if other.is_verified and other is not self.email:
                known = {"new_address": self.email.address}
                yield Letter("new-email-added", to=self.email.user, address=other.address, context=known)


@dataclass(frozen=True)
class EmailRemoved(_AboutEmail):
    """The account has one address less."""

    tag = "account:email:remove"


@dataclass(frozen=True)
class PrimaryEmailChanged(_AboutEmail):
    """Mail about the account goes to another address than ``former``, which is told of it."""

    former: Email | None

    tag = "account:email:primary:change"

    def seen(self) -> tuple[User]:
        return (self.email.user,)  # whose picture may be that of the address

    def details(self) -> dict[str, Any]:
        return {"old_primary": self.former and self.former.address, "new_primary": self.email.address}

    def told(self) -> Iterator[Letter]:
        if self.former is not None and self.former.is_verified:
            known = {"new_address": self.email.address}
            yield Letter("primary-email-change", to=self.email.user, address=self.former.address, context=known)


@dataclass(frozen=True)
class VerificationRequested(_AboutEmail):
    """Somebody asked for another link that verifies the address."""

    link: str

    tag = "account:email:reverify"

    def told(self) -> Iterator[Letter]:
        yield self._to_be_verified(self.link)


@dataclass(frozen=True)
class EmailVerified(_AboutEmail):
    """A link that was sent to the address came back."""

    tag = "account:email:verified"


@dataclass(frozen=True)
class EmailUnverified(_AboutEmail):
    """The address does not count as verified any more, until its owner verifies it again."""

    reason: UnverifyReason

    tag = "account:email:unverified"

    def details(self) -> dict[str, Any]:
        return {"email": self.email.address, "reason": self.reason.value, "domain_status": self.email.domain_status}
