"""What the page shows that adds a security key."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.operations.security_keys import LABEL_LENGTH
from warehouse.web.request import Request
from warehouse.web.security.keys import key_site, name_of_this_machine


@dataclass(frozen=True)
class SecurityKeyPage:
    """The form. ``host`` is what keys are bound to; browsers make none for the address of a machine.

    ``elsewhere`` is then the same index by a name, as far as one is known.
    """

    host: str
    can_have_keys: bool
    elsewhere: str | None
    label_length: int = LABEL_LENGTH


def security_key_page(request: Request) -> SecurityKeyPage:
    """The page for the address that the browser is at."""
    site = key_site(request)
    return SecurityKeyPage(site.host, site.can_have_keys, name_of_this_machine(request))
