"""What the page shows that asks for a second factor."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.operations.second_factors import Asked, factors_of
from warehouse.web.request import Request


@dataclass(frozen=True)
class TwoFactorPage:
    """The factors that the account has. ``step`` is the query of the pages of this step."""

    step: str
    totp: bool
    keys: bool
    recovery_codes: bool
    days_remembered: int
    mistakes: dict[str, str] = field(default_factory=dict)


def two_factor_page(request: Request, who: Asked, mistakes: dict[str, str] | None = None) -> TwoFactorPage:
    """The page for somebody whose password was right."""
    factors = factors_of(request.work.db, who.user)
    return TwoFactorPage(
        step=request.query_string,
        totp=factors.totp,
        keys=bool(factors.keys),
        recovery_codes=factors.codes_left > 0,
        days_remembered=request.settings.sessions.remember_device.days,
        mistakes=mistakes or {},
    )
