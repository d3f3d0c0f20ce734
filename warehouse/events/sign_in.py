"""What happens when people sign in, or try to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from warehouse.events.accounts import AboutAccount
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class SignedIn(AboutAccount):
    """Somebody signed in. ``method`` says how; ``label`` is the name of the security key."""

    method: str
    label: str | None = None

    tag = "account:login:success"

    def details(self) -> dict[str, Any]:
        return {"two_factor_method": self.method} | ({"two_factor_label": self.label} if self.label else {})


@dataclass(frozen=True)
class PasswordRefused(AboutAccount):
    """Somebody typed a wrong password to sign in."""

    tag = "account:login:failure"

    def details(self) -> dict[str, Any]:
        return {"reason": "invalid_password"}


@dataclass(frozen=True)
class ReauthenticationFailed(PasswordRefused):
    """Somebody who is signed in typed a wrong password, where it was asked for once more."""

    tag = "account:reauthenticate:failure"


@dataclass(frozen=True)
class DeviceUnrecognized(AboutAccount):
    """Somebody has the password and a code, from a network address that the account was not used from before.

    The mail names the ``link`` that confirms that it is the user; it is good for one sign-in and not told elsewhere.
    """

    link: str = field(repr=False)

    tag = "account:login:new_device"

    def told(self) -> Iterable[Letter]:
        return [self.letter()]

    def letter(self) -> Letter:
        """The mail alone, for another try from the same address."""
        return Letter("unrecognized-login", self.user, even_unverified=True, context={"link": self.link})
