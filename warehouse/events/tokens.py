"""What happens to API tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project
from warehouse.domain.tokens import Token
from warehouse.events.accounts import AboutAccount
from warehouse.events.event import Event
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class _AboutToken(AboutAccount):
    token: Token

    def details(self) -> dict[str, Any]:
        told = {"token_id": str(self.token.id), "description": self.token.description, "caveats": self.token.caveats}
        return told if self.token.parent_id is None else {**told, "made_from": str(self.token.parent_id)}


@dataclass(frozen=True)
class TokenCreated(_AboutToken):
    """An API token was made."""

    tag = "account:api_token:added"


@dataclass(frozen=True)
class TokenRevoked(_AboutToken):
    """An API token was taken back, and with it those that were made from it."""

    tag = "account:api_token:removed"


@dataclass(frozen=True)
class TokenLeaked(_AboutToken):
    """An API token was found where others can read it, and taken back. ``origin`` is who found it."""

    url: str | None
    origin: str | None

    tag = "account:api_token:removed_leak"

    def details(self) -> dict[str, Any]:
        return {**super().details(), "public_url": self.url, "origin": self.origin}

    def told(self) -> Iterator[Letter]:
        """``token-compromised-leak`` names the ``token``, the ``public_url`` and the ``origin``."""
        context = {"token": self.token.description, "public_url": self.url, "origin": self.origin}
        yield Letter("token-compromised-leak", to=self.user, even_unverified=True, context=context)


@dataclass(frozen=True)
class _AboutProject(Event):
    """In a project's history stands whose token it is and how they call it; more is nobody else's business."""

    project: Project
    user: User
    token: Token

    def about(self) -> Project:
        return self.project

    def details(self) -> dict[str, Any]:
        return {"description": self.token.description, "user": self.user.username}


@dataclass(frozen=True)
class ProjectTokenCreated(_AboutProject):
    """An API token was made for this project, perhaps beside others."""

    tag = "project:api_token:added"


@dataclass(frozen=True)
class ProjectTokenRevoked(_AboutProject):
    """An API token for this project was taken back."""

    tag = "project:api_token:removed"
