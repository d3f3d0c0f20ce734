"""What happens to accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.domain.tokens import Token
from warehouse.events.event import Event


@dataclass(frozen=True)
class UserCreated(Event):
    """An account came to be."""

    user: User

    tag = "account:create"

    def about(self) -> User:
        return self.user


@dataclass(frozen=True)
class AdministratorArrived(Event):
    """The first-start link was used: the instance has its administrator."""

    user: User

    tag = "account:administrator"

    def about(self) -> User:
        return self.user


@dataclass(frozen=True)
class _AboutToken(Event):
    user: User
    token: Token

    def about(self) -> User:
        return self.user

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
