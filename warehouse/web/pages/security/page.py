"""What the page about security says of this index."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.settings import Settings
from warehouse.web.texts import Text, text_in


@dataclass(frozen=True)
class SecurityPage:
    """The text; whom to write to about security and about everything else, where that was said."""

    text: Text
    contact: str | None
    support: str | None
    policy_url: str | None


def security_page(settings: Settings) -> SecurityPage:
    """The page, without a query."""
    site = settings.site
    return SecurityPage(text_in("pages/security"), site.security_contact, settings.mail.support, site.security_policy)
