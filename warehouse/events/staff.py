"""What those who run the index do to accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import BannedAddress, DisabledFor, User
from warehouse.domain.accounts.recoveries import AccountRecovery
from warehouse.events.accounts import AboutAccount
from warehouse.events.event import Event
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class AccountFrozen(AboutAccount):
    """The account was shut out; ``reason`` says why, when it was not somebody's own decision about this account."""

    reason: str = ""

    tag = "account:freeze"

    def details(self) -> dict[str, Any]:
        return {"reason": self.reason} if self.reason else {}


@dataclass(frozen=True)
class AccountUnfrozen(AboutAccount):
    """The account was let in again."""

    tag = "account:unfreeze"


@dataclass(frozen=True)
class PasswordDisabledByStaff(AboutAccount):
    """The account's password was taken away. The mail says whether its owner chooses a new one ``by_mail``."""

    by_mail: bool

    tag = "account:password:disabled"

    def details(self) -> dict[str, Any]:
        return {"reason": DisabledFor.ADMINISTRATOR.value}

    def told(self) -> Iterator[Letter]:
        yield Letter("password-reset-by-admin", to=self.user, even_unverified=True, context={"by_mail": self.by_mail})


@dataclass(frozen=True)
class StaffRestricted(AboutAccount):
    """Something about the account was forbidden by those who run the index, or permitted again."""

    what: str
    is_forbidden: bool

    tag = "account:staff_restriction:change"

    def seen(self) -> tuple[User]:
        return (self.user,)

    def details(self) -> dict[str, Any]:
        return {"what": self.what, "is_forbidden": self.is_forbidden}


@dataclass(frozen=True)
class StaffRoleChanged(AboutAccount):
    """The account was given a part in running the index, or relieved of it."""

    staff_role: str
    is_given: bool

    tag = "account:staff_role:change"

    def details(self) -> dict[str, Any]:
        return {"staff_role": self.staff_role, "is_given": self.is_given}


@dataclass(frozen=True)
class _AboutRecovery(AboutAccount):
    recovery: AccountRecovery

    def details(self) -> dict[str, Any]:
        return {"request_url": self.recovery.request_url, "project": self.recovery.project}


@dataclass(frozen=True)
class RecoveryStarted(_AboutRecovery):
    """Somebody asked to be let into the account again, and is to show that it is theirs."""

    tag = "account:recovery:start"

    def told(self) -> Iterator[Letter]:
        yield Letter(
            "account-recovery-initiated",
            to=self.user,
            address=self.recovery.address,
            even_unverified=True,
            context={
                "token": self.recovery.token,
                "project": self.recovery.project,
                "request_url": self.recovery.request_url,
            },
        )


@dataclass(frozen=True)
class RecoveryCancelled(_AboutRecovery):
    """The account stays as it is."""

    tag = "account:recovery:cancel"


@dataclass(frozen=True)
class RecoveryCompleted(_AboutRecovery):
    """The account was made ready for whoever showed that it is theirs."""

    tag = "account:recovery:complete"


@dataclass(frozen=True)
class _AboutAddress(Event):
    ban: BannedAddress

    def about(self) -> BannedAddress:
        return self.ban

    def details(self) -> dict[str, Any]:
        return {"address": str(self.ban.address), "reason": self.ban.reason}


@dataclass(frozen=True)
class AddressBanned(_AboutAddress):
    """Nobody signs in from this network address any more."""

    tag = "site:address:ban"


@dataclass(frozen=True)
class AddressUnbanned(_AboutAddress):
    """People can sign in from this network address again."""

    tag = "site:address:unban"
