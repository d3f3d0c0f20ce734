"""Single sign-on: people come with the word of an OpenID Connect issuer that the settings name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from warehouse.domain.accounts import User
from warehouse.domain.accounts.associations import ISSUER, associations_of
from warehouse.operations.sign_on.arriving import Arrived, arrive
from warehouse.operations.sign_on.beginning import (
    LIFETIME,
    Aim,
    Leaving,
    find_issuer,
    leave,
    title_of,
)
from warehouse.settings import Settings

__all__ = [
    "LIFETIME",
    "Aim",
    "Arrived",
    "Choice",
    "Leaving",
    "arrive",
    "choices",
    "choices_of",
    "find_issuer",
    "leave",
    "title_of",
]


@dataclass(frozen=True)
class Choice:
    """An issuer, as pages offer it. ``name`` is its part of the address."""

    name: str
    title: str


def choices(settings: Settings) -> tuple[Choice, ...]:
    """The issuers through which people can sign in, in the order of the settings."""
    return tuple(Choice(name, title_of(name, issuer)) for name, issuer in settings.sign_on.issuers.items())


def choices_of(db: Session, settings: Settings, user: User) -> tuple[Choice, ...]:
    """Those of them at which this user can confirm that it is still them."""
    known = {association.service for association in associations_of(db, user.id)}
    confirming = {ISSUER + name for name, issuer in settings.sign_on.issuers.items() if issuer.confirms}
    return tuple(choice for choice in choices(settings) if ISSUER + choice.name in known & confirming)
