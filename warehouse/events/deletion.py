"""What happens when somebody leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.domain.accounts import User
from warehouse.events.event import Event
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class AccountDeleted(Event):
    """The account is about to be gone, with its addresses, tokens, second factors and sessions."""

    user: User

    tag = "account:delete"

    def about(self) -> User:
        return self.user

    def told(self) -> Iterator[Letter]:
        """``account-deleted`` names nothing but the account."""
        yield Letter("account-deleted", to=self.user)
