"""What the pages of the authentication app show."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.domain.accounts import UserSession
from warehouse.operations.totp import new_secret
from warehouse.standards import totp

SECRET = "totp_secret"
"""Where the session keeps the secret until a code shows that the app has it."""


@dataclass(frozen=True)
class TotpPage:
    """The form, and the secret in groups of four for whoever has to type it."""

    secret: str = field(repr=False)
    replaces: bool
    mistakes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, secret: bytes, *, replaces: bool, mistake: str | None = None) -> TotpPage:
        """The page for this secret."""
        text = totp.written(secret)
        groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
        return cls(groups, replaces, {"totp_value": mistake} if mistake else {})


def kept_secret(visit: UserSession) -> bytes | None:
    """The secret that is being set up."""
    secret = visit.data.get(SECRET)
    return bytes.fromhex(secret) if secret else None


def secret_of(visit: UserSession) -> bytes:
    """The same; a new one when there is none."""
    secret = kept_secret(visit)
    if secret is None:
        secret = new_secret()
        visit.data = {**visit.data, SECRET: secret.hex()}
    return secret


def forget_secret(visit: UserSession) -> None:
    """The secret is in use, or not wanted."""
    visit.data = {name: value for name, value in visit.data.items() if name != SECRET}
