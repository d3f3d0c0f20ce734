"""What happens to second factors, and to the recovery codes that stand in for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.events.accounts import AboutAccount
from warehouse.events.mail import Letter


class Method(StrEnum):
    """The second factors there are, as histories and programs call them."""

    TOTP = "totp"
    SECURITY_KEY = "webauthn"


class Failure(StrEnum):
    """Why a second factor did not sign somebody in."""

    TOTP = "invalid_totp"
    SECURITY_KEY = "invalid_webauthn"
    RECOVERY_CODE = "invalid_recovery_code"
    BURNED_RECOVERY_CODE = "burned_recovery_code"


@dataclass(frozen=True)
class _AboutMethod(AboutAccount):
    """The mail names ``method`` (totp or webauthn) and the key's ``label``, empty for an app."""

    method: Method
    label: str = ""

    def details(self) -> dict[str, Any]:
        return {"method": self.method.value} | ({"label": self.label} if self.label else {})

    def _named(self) -> dict[str, Any]:
        return {"method": self.method.value, "label": self.label}


@dataclass(frozen=True)
class SecondFactorAdded(_AboutMethod):
    """Signing in takes this from now on, or another factor of the account."""

    tag = "account:two_factor:method_added"

    def told(self) -> Iterable[Letter]:
        return [Letter("two-factor-added", self.user, context=self._named())]


@dataclass(frozen=True)
class SecondFactorRemoved(_AboutMethod):
    """A second factor no longer signs in. ``quietly``: another mail tells of it."""

    quietly: bool = False

    tag = "account:two_factor:method_removed"

    def told(self) -> Iterable[Letter]:
        return [] if self.quietly else [Letter("two-factor-removed", self.user, context=self._named())]


@dataclass(frozen=True)
class SecondFactorsReset(AboutAccount):
    """Somebody who runs the index took all second factors away, recovery codes included."""

    tag = "account:two_factor:reset"

    def told(self) -> Iterable[Letter]:
        return [Letter("second-factor-reset", self.user, even_unverified=True)]


@dataclass(frozen=True)
class DeviceRemembered(AboutAccount):
    """A browser needs no second factor for a while; ``method`` is what it was let in with."""

    method: Method

    tag = "account:two_factor:device_remembered"

    def details(self) -> dict[str, Any]:
        return {"method": self.method.value}


@dataclass(frozen=True)
class SecondFactorFailed(AboutAccount):
    """The password was right, and what came after it was not."""

    reason: Failure

    tag = "account:login:failure"

    def details(self) -> dict[str, Any]:
        return {"reason": self.reason.value}


@dataclass(frozen=True)
class RecoveryCodesGenerated(AboutAccount):
    """The account has recovery codes."""

    tag = "account:recovery_codes:generated"

    def told(self) -> Iterable[Letter]:
        return [Letter("recovery-codes-generated", self.user)]


@dataclass(frozen=True)
class RecoveryCodesRegenerated(RecoveryCodesGenerated):
    """The account has other recovery codes than before, which are void."""

    tag = "account:recovery_codes:regenerated"


@dataclass(frozen=True)
class RecoveryCodeUsed(AboutAccount):
    """A recovery code is burned. The mail names how many are ``left``; nobody is told of one burned for practice."""

    left: int
    to_sign_in: bool

    tag = "account:recovery_codes:used"

    def details(self) -> dict[str, Any]:
        return {"left": self.left}

    def told(self) -> Iterable[Letter]:
        return [Letter("recovery-code-used", self.user, context={"left": self.left})] if self.to_sign_in else []
