"""What people say about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.events.accounts import AboutAccount


@dataclass(frozen=True)
class ProfileChanged(AboutAccount):
    """The account shows another name or address than before; both are kept, for whoever asks who that was."""

    what: dict[str, Any]

    tag = "account:profile:change"

    def seen(self) -> tuple[User]:
        return (self.user,)

    def details(self) -> dict[str, Any]:
        return self.what
