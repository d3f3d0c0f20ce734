"""What the page of linked accounts shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.accounts.associations import ISSUER, associations_of
from warehouse.operations import sign_on
from warehouse.operations.associations import services, title_of
from warehouse.web.request import Request


@dataclass(frozen=True)
class Linked:
    """An account elsewhere. ``signs_in``: whoever has it can sign in here."""

    id: uuid.UUID
    service: str
    username: str
    since: datetime
    signs_in: bool


@dataclass(frozen=True)
class Offer:
    """A service with which an account can be connected; ``name`` is its part of the address."""

    name: str
    title: str
    signs_in: bool


@dataclass(frozen=True)
class AssociationsPage:
    """What is linked, and what could be."""

    linked: tuple[Linked, ...]
    offers: tuple[Offer, ...]


def associations_page(request: Request) -> AssociationsPage:
    """The page for whoever is signed in."""
    assert request.user is not None
    settings = request.settings
    known = associations_of(request.work.db, request.user.id)
    issuers = [(ISSUER + choice.name, choice.title) for choice in sign_on.choices(settings)]
    connected = {one.service for one in known}
    return AssociationsPage(
        linked=tuple(
            Linked(
                id=one.id,
                service=title_of(settings, one.service),
                username=one.external_username,
                since=one.created_at,
                signs_in=one.service in dict(issuers),
            )
            for one in known
        ),
        # Of an issuer one account is the person's; of the others there may be several.
        offers=(
            *(Offer(name, title, True) for name, title in issuers if name not in connected),
            *(Offer(service.name, service.title, False) for service in services(settings).values()),
        ),
    )
