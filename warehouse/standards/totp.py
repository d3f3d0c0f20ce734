"""One-time passwords from an app: RFC 6238 over RFC 4226, with SHA-1, six digits and steps of 30 seconds.

Other digests and lengths exist on paper; apps take a QR code that asks for them and then show wrong codes.
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import datetime
from urllib.parse import quote, urlencode

SECRET_SIZE = 20  # bytes: RFC 4226 recommends the length of the digest
DIGITS = 6
STEP = 30  # seconds

_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")
_BLANK = re.compile(r"\s+")


def step_at(now: datetime) -> int:
    """The number of the step that holds ``now``, counted from 1970."""
    return int(now.timestamp()) // STEP


def code_at(secret: bytes, step: int) -> str:
    """The code of this step.

    RFC 4226: "the low-order 4 bits of the last byte" tell where four bytes are taken from the HMAC, and "the most
    significant bit of P is masked".
    """
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def typed(text: str) -> str | None:
    """The code in what somebody typed, with blanks anywhere; None when it is no code."""
    code = _BLANK.sub("", text)
    return code if _CODE.fullmatch(code) else None


def step_of(secret: bytes, text: str, now: datetime, *, around: int = 1) -> int | None:
    """The step whose code was typed, at most ``around`` steps from now, the nearest first; None when there is none.

    RFC 6238: "We RECOMMEND that at most one time step is allowed as the network delay"; clocks that are fast get as
    much.
    """
    code = typed(text)
    if code is None:
        return None
    current = step_at(now)
    matches = [
        step
        for step in range(max(0, current - around), current + around + 1)
        if hmac.compare_digest(code_at(secret, step), code)
    ]
    return min(matches, key=lambda step: abs(step - current), default=None)


def written(secret: bytes) -> str:
    """The secret as people type it into an app: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def provisioning_uri(secret: bytes, *, issuer: str, username: str) -> str:
    """What a QR code tells an app, in the form that apps agree on (``otpauth://totp/``)."""
    query = {"secret": written(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP}
    label = f"{quote(issuer, safe='')}:{quote(username, safe='')}"
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"
