"""What people say about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.events.event import Event


@dataclass(frozen=True)
class ProfileChanged(Event):
    """The account shows another name or address than before; both are kept, for whoever asks who that was."""

    user: User
    what: dict[str, Any]

    tag = "account:profile:change"

    def about(self) -> User:
        return self.user

    def details(self) -> dict[str, Any]:
        return self.what
