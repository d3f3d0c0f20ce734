"""Where the picture of a person is."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from warehouse.domain.accounts import User
from warehouse.settings import Settings

NEUTRAL = "/avatar/neutral.svg"


def avatar_of(settings: Settings, user: User, size: int) -> str:
    """The address of the user's picture, ``size`` pixels wide: drawn here, or at the service that the settings name.

    A picture that the staff hid is the neutral one, which says nothing of anybody. What is drawn here is made from the
    name alone, which everybody sees beside it.
    """
    if user.hide_avatar:
        return NEUTRAL
    template, email = settings.site.avatar_url, user.primary_email
    if template is not None and email is not None:
        # The services ask for this digest; it keeps nobody's address secret from who can guess it.
        digest = hashlib.md5(email.address.strip().lower().encode(), usedforsecurity=False).hexdigest()
        return template.replace("{hash}", digest).replace("{size}", str(size))
    return f"/avatar/{drawn_from(user.username)}.svg"


def drawn_from(username: str) -> str:
    """What a picture is drawn from, in hexadecimal; the same for every spelling of the name."""
    return hashlib.sha256(f"avatar of {username.lower()}".encode()).hexdigest()[:16]


def avatar_origin(settings: Settings) -> str | None:
    """Where pages have to be allowed to load pictures of people from, as a Content-Security-Policy writes it."""
    if settings.site.avatar_url is None:
        return None
    parts = urlsplit(settings.site.avatar_url)
    return f"{parts.scheme}://{parts.netloc}"
