"""What happens to accounts, and to the tokens that stand for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.domain.tokens import Token
from warehouse.events.event import Event


@dataclass(frozen=True)
class _AboutAccount(Event):
    user: User

    def about(self) -> User:
        return self.user


@dataclass(frozen=True)
class UserCreated(_AboutAccount):
    """An account came to be."""

    tag = "account:create"


@dataclass(frozen=True)
class AdministratorArrived(_AboutAccount):
    """The first-start link was used: the instance has its administrator."""

    tag = "account:administrator"


@dataclass(frozen=True)
class PasswordSet(_AboutAccount):
    """The account was given a password by somebody who runs the index."""

    tag = "account:password:set"


@dataclass(frozen=True)
class AccountFrozen(_AboutAccount):
    """The account was shut out."""

    tag = "account:freeze"


@dataclass(frozen=True)
class AccountUnfrozen(_AboutAccount):
    """The account was let in again."""

    tag = "account:unfreeze"


@dataclass(frozen=True)
class _AboutToken(_AboutAccount):
    token: Token

    def details(self) -> dict[str, Any]:
        return {"token_id": str(self.token.id), "description": self.token.description, "caveats": self.token.caveats}


@dataclass(frozen=True)
class TokenCreated(_AboutToken):
    """An API token was made."""

    tag = "account:api_token:added"


@dataclass(frozen=True)
class TokenRevoked(_AboutToken):
    """An API token was taken back."""

    tag = "account:api_token:removed"
