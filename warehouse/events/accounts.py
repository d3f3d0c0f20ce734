"""What happens to accounts."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.domain.accounts import User
from warehouse.events.event import Event


@dataclass(frozen=True)
class AboutAccount(Event):
    """Something that stands in the history of an account."""

    user: User

    def about(self) -> User:
        return self.user


@dataclass(frozen=True)
class UserCreated(AboutAccount):
    """An account came to be."""

    tag = "account:create"

    def seen(self) -> tuple[User]:
        return (self.user,)


@dataclass(frozen=True)
class AdministratorArrived(AboutAccount):
    """The first-start link was used: the instance has its administrator."""

    tag = "account:administrator"


@dataclass(frozen=True)
class PasswordSet(AboutAccount):
    """The account was given a password by somebody who runs the index."""

    tag = "account:password:set"
