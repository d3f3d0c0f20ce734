"""What people say about themselves: name, public address, language and time zone."""

from __future__ import annotations

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User
from warehouse.domain.accounts.admission import hold_emails
from warehouse.errors import Invalid
from warehouse.events import ProfileChanged, tell
from warehouse.infra.catalogues import languages
from warehouse.infra.time_zones import time_zones
from warehouse.work import Work

NAME_LENGTH = 100


def set_name(work: Work, user: User, name: str) -> None:
    """Show this as the user's name, or none when it is empty; the name they have already changes nothing.

    Refuses as :func:`sound_name` does.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    name = sound_name(name)
    if name != user.name:
        tell(work, ProfileChanged(user, {"name": name, "former_name": user.name}))
        user.name = name


def sound_name(name: str) -> str:
    """The name without space around it; refuses with :class:`Invalid` what is too long, no line, or an address.

    An address in a name would be carried into mail and onto pages as if we had written it.
    """
    name = name.strip()
    if len(name) > NAME_LENGTH or "://" in name or not name.isprintable():
        raise Invalid(
            f"A name has at most {NAME_LENGTH} characters on one line, and holds no “://”. Write it differently.",
            code="bad_name",
        )
    return name


def set_public_email(work: Work, user: User, address: str | None) -> None:
    """Show this address to those who are signed in, and no other; None shows none.

    Refuses with :class:`Invalid` what is no verified address of the user.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_emails(work.db, user)
    former, chosen = user.public_email, None
    if address:
        asked = address.strip().lower()
        found = (email for email in user.emails if email.address.lower() == asked and email.is_verified)
        chosen = next(found, None)
        if chosen is None:
            raise Invalid("Only a verified address of your own can be shown. Verify it first.", code="not_verified")
    if chosen is former:
        return
    for email in user.emails:
        email.is_public = email is chosen
    shown = {"public_email": chosen and chosen.address, "former_public_email": former and former.address}
    tell(work, ProfileChanged(user, shown))


def set_preferences(work: Work, user: User, *, language: str | None, time_zone: str | None) -> None:
    """Speak to the user in this language, and tell times in this zone; None leaves it to the browser, or to UTC.

    Refuses with :class:`Invalid` what this index does not know. No history tells of it.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    if language is not None and language not in languages():
        raise Invalid("There are no translations into this language. Choose one of the list.", code="bad_language")
    if time_zone is not None and time_zone not in time_zones():
        raise Invalid("This index does not know that time zone. Choose one of the list.", code="bad_time_zone")
    user.language, user.time_zone = language, time_zone
