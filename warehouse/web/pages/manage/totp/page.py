"""What the pages of the authentication app show."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.operations.totp import new_secret, seal_secret, unseal_secret
from warehouse.standards import totp
from warehouse.web.request import Request

SECRET = "totp_secret"
"""Where the session keeps the secret, sealed, until a code shows that the app has it."""


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


def kept_secret(request: Request) -> bytes | None:
    """The secret that is being set up."""
    assert request.user is not None and request.visit is not None
    sealed = request.visit.data.get(SECRET)
    return unseal_secret(request.tools, request.user, bytes.fromhex(sealed)) if sealed else None


def secret_of(request: Request) -> bytes:
    """The same; a new one when there is none."""
    assert request.user is not None and request.visit is not None
    secret = kept_secret(request)
    if secret is None:
        secret = new_secret()
        sealed = seal_secret(request.tools, request.user, secret)
        request.visit.data = {**request.visit.data, SECRET: sealed.hex()}
    return secret


def forget_secret(request: Request) -> None:
    """The secret is in use."""
    assert request.visit is not None
    request.visit.data = {name: value for name, value in request.visit.data.items() if name != SECRET}
