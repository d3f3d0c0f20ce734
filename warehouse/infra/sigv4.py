"""Signs requests to Amazon's web services (AWS Signature Version 4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class AccessKey:
    """Who asks, and where their key is good: one service in one region."""

    id: str
    secret: str = field(repr=False)
    region: str
    service: str


def signed(
    key: AccessKey, method: str, url: str, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> dict[str, str]:
    """``headers`` and those that prove who sends the request; all of them are signed, and have to be sent as they are.

    ``url`` is the one that is sent: its path and query are encoded, and its path has no ``..`` in it.
    """
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {"Host": urlsplit(url).netloc, "X-Amz-Date": at, **headers}
    canonical = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
    names = ";".join(sorted(canonical))
    request = "\n".join(
        [
            method,
            quote(urlsplit(url).path or "/", safe="/-_.~"),
            _canonical_query(urlsplit(url).query),
            *(f"{name}:{canonical[name]}" for name in sorted(canonical)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{at[:8]}/{key.region}/{key.service}/aws4_request"
    to_sign = "\n".join([_ALGORITHM, at, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.new(_signing_key(key, at[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    proof = f"{_ALGORITHM} Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**sent, "Authorization": proof}


def _canonical_query(query: str) -> str:
    pairs = sorted(pair.partition("=") for pair in query.split("&") if pair)
    return "&".join(f"{name}={value}" for name, _, value in pairs)


def _signing_key(key: AccessKey, day: str) -> bytes:
    made = f"AWS4{key.secret}".encode()
    for part in (day, key.region, key.service, "aws4_request"):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    return made
