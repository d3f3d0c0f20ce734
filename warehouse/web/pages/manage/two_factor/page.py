"""What the page of second factors shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.accounts import SecurityKey
from warehouse.operations.second_factors import factors_of, lacks_factor
from warehouse.web.request import Request


@dataclass(frozen=True)
class ShownKey:
    """A security key in the list."""

    id: uuid.UUID
    label: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: SecurityKey) -> ShownKey:
        """The key as the page needs it."""
        return cls(key.id, key.label, key.created_at, key.last_used_at)


@dataclass(frozen=True)
class TwoFactorPage:
    """What there is, and what can be done about it. ``is_held_back``: whoever looks gets no further without one."""

    totp: bool
    keys: tuple[ShownKey, ...]
    codes: int
    codes_left: int
    proven: bool
    required: bool
    is_held_back: bool
    now: datetime

    @property
    def enabled(self) -> bool:
        """Whether signing in takes a second factor."""
        return self.totp or bool(self.keys)

    @property
    def may_add(self) -> bool:
        """Whether a factor can be added now."""
        return self.codes_left > 0 and self.proven

    @property
    def is_last(self) -> bool:
        """Whether the only factor there is has to stay."""
        return self.required and self.totp + len(self.keys) == 1


def two_factor_page(request: Request) -> TwoFactorPage:
    """The page for whoever is signed in."""
    assert request.user is not None
    factors = factors_of(request.work.db, request.user)
    return TwoFactorPage(
        totp=factors.totp,
        keys=tuple(ShownKey.of(key) for key in factors.keys),
        codes=factors.codes,
        codes_left=factors.codes_left,
        proven=factors.proven,
        required=request.settings.access.require_second_factor,
        is_held_back=lacks_factor(request.work, request.user),
        now=request.work.now,
    )
