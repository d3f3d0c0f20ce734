"""What happens when somebody leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.domain.accounts import User
from warehouse.events.accounts import AboutAccount
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class AccountDeleted(AboutAccount):
    """The account is about to be gone, with its addresses, tokens, second factors and sessions.

    ``quietly``: no mail, which asks whether it was really they, to whom somebody else has deleted.
    """

    quietly: bool = False

    tag = "account:delete"

    def seen(self) -> tuple[User]:
        return (self.user,)

    def told(self) -> Iterator[Letter]:
        """``account-deleted`` names nothing but the account."""
        if not self.quietly:
            yield Letter("account-deleted", to=self.user)
