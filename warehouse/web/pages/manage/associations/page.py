"""What the page of linked accounts shows."""

from __future__ import annotations

import hashlib
import hmac
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
    """A service with which an account can be linked; ``path`` is the link that begins it."""

    title: str
    path: str


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
            *(Offer(title, _path(request, name)) for name, title in issuers if name not in connected),
            *(Offer(service.title, _path(request, service.name)) for service in services(settings).values()),
        ),
    )


def key_of(request: Request, service: str) -> str:
    """What shows that a link to connect with this service stood on our page.

    Another site could otherwise sign our visitor's browser in at the service as somebody else, have the browser follow
    the link, and so have that somebody's account let into the visitor's. A form would do, too, but for browsers that
    follow no redirect from a form to a site that the page's policy does not name, and issuers say only later where they
    are.
    """
    assert request.visit is not None
    return hmac.new(request.visit.csrf_token.encode(), f"connect {service}".encode(), hashlib.sha256).hexdigest()[:32]


def _path(request: Request, service: str) -> str:
    query = {"key": key_of(request, service)}
    return request.route_path("manage.associations.connect", service=service, _query=query)
