"""Signed values that travel through mails, addresses and cookies, and are good for a while.

Each purpose has a key of its own, so that a link for one thing opens nothing else. Whoever signs puts in what changes
when the link is used - the last sign-in, when the password was set - and compares it when the link comes back.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from warehouse.errors import Invalid
from warehouse.settings import Settings
from warehouse.work import Work

LONGEST = 4096  # characters: more than anything that was signed here


class Purpose(StrEnum):
    """What something was signed for."""

    PASSWORD = "password"
    EMAIL = "email"
    TWO_FACTOR = "two_factor"
    REMEMBER_DEVICE = "remember_device"
    CONFIRM_LOGIN = "confirm_login"
    INVITATION = "invitation"
    FLASH = "flash"


def sign(secret: bytes, purpose: Purpose, **payload: object) -> str:
    """The payload as text for an address; all values become strings."""
    return _serializer(secret, purpose).dumps({name: str(value) for name, value in payload.items()})


def moment(at: datetime | None) -> str:
    """A time as part of a payload, the same whatever time zone it is told in."""
    return "" if at is None else str(at.timestamp())


def read(work: Work, purpose: Purpose, text: str) -> dict[str, str]:
    """The payload; refuses with :class:`Invalid` (link_missing, link_invalid, link_expired)."""
    if not text:
        raise Invalid("The link is not complete. Copy all of it from the mail.", code="link_missing")
    try:
        return unsign(work.tools.secret, purpose, text, lifetime_of(work.settings, purpose))
    except SignatureExpired as error:
        raise Invalid("The link has expired. Ask for a new one.", code="link_expired") from error
    except BadData as error:
        raise Invalid("The link is not valid. Copy all of it, or ask for a new one.", code="link_invalid") from error


def unsign(secret: bytes, purpose: Purpose, text: str, lifetime: timedelta) -> dict[str, str]:
    """The payload; raises ``itsdangerous.BadData``, or its ``SignatureExpired``."""
    if len(text) > LONGEST:
        raise BadData("too long")
    return _serializer(secret, purpose).loads(text, max_age=int(lifetime.total_seconds()))


def lifetime_of(settings: Settings, purpose: Purpose) -> timedelta:
    """How long something that was signed for this is good."""
    match purpose:
        case Purpose.PASSWORD:
            return settings.links.password
        case Purpose.EMAIL:
            return settings.links.email
        case Purpose.TWO_FACTOR:
            return settings.links.two_factor
        case Purpose.REMEMBER_DEVICE:
            return settings.sessions.remember_device
        case Purpose.CONFIRM_LOGIN:
            return settings.links.confirm_login
        case Purpose.INVITATION:
            return settings.accounts.invitation_lifetime
        case Purpose.FLASH:
            return timedelta(minutes=5)


def _serializer(secret: bytes, purpose: Purpose) -> URLSafeTimedSerializer:
    key = hmac.new(secret, b"link " + purpose.value.encode(), hashlib.sha512).digest()
    return URLSafeTimedSerializer(key, salt=purpose.value, signer_kwargs={"digest_method": hashlib.sha512})
