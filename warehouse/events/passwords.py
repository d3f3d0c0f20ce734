"""What happens to the passwords of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from warehouse.domain.accounts import DisabledFor
from warehouse.events.accounts import AboutAccount
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class PasswordChanged(AboutAccount):
    """Its owner has another password, or their first one."""

    tag = "account:password:change"

    def told(self) -> Iterable[Letter]:
        return [Letter("password-change", self.user)]


@dataclass(frozen=True)
class PasswordReset(AboutAccount):
    """Whoever reads the mail of the account has chosen a new password."""

    tag = "account:password:reset"

    def told(self) -> Iterable[Letter]:
        return [Letter("password-change", self.user)]


@dataclass(frozen=True)
class PasswordResetRequested(AboutAccount):
    """Somebody asked for a new password: the mail to ``address`` names the ``link`` where it is chosen."""

    address: str
    link: str = field(repr=False)

    tag = "account:password:reset:request"

    def told(self) -> Iterable[Letter]:
        return [Letter("password-reset", self.user, address=self.address, context={"link": self.link})]


@dataclass(frozen=True)
class PasswordResetAttempted(AboutAccount):
    """Somebody asked for a new password of an account that gets none this way.

    ``unverified`` is the address that it was asked by, if that is the reason: whoever reads its mail is told.
    """

    unverified: str | None = None

    tag = "account:password:reset:attempt"

    def told(self) -> Iterable[Letter]:
        return [Letter("password-reset-unverified", self.user, address=self.unverified)] if self.unverified else []


@dataclass(frozen=True)
class PasswordFoundStolen(AboutAccount):
    """The right password was typed, is in public lists of stolen ones, and signs nobody in any more.

    The mail says whether its owner chooses another one ``by_mail``.
    """

    by_mail: bool

    tag = "account:password:disabled"

    def details(self) -> dict[str, Any]:
        return {"reason": DisabledFor.COMPROMISED.value}

    def told(self) -> Iterable[Letter]:
        return [Letter("password-compromised-hibp", self.user, even_unverified=True, context={"by_mail": self.by_mail})]
