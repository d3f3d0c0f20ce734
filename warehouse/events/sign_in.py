"""What happens when people sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.events.event import Event


@dataclass(frozen=True)
class SignedIn(Event):
    """Somebody signed in. ``method`` says how; ``label`` is the name of the security key."""

    user: User
    method: str
    label: str | None = None

    tag = "account:login:success"

    def about(self) -> User:
        return self.user

    def details(self) -> dict[str, Any]:
        return {"two_factor_method": self.method} | ({"two_factor_label": self.label} if self.label else {})
