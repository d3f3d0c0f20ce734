"""Addresses of objects in S3 that anybody may read until they expire, under a file name and type of our choice."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlsplit

_PLAIN_FILENAME = re.compile(r"[A-Za-z0-9._+!~-]+")
_LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Signer:
    """Signs addresses below ``base`` with Signature Version 4 in the query string."""

    base: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    def url(
        self, path: str, *, expires: timedelta, filename: str, content_type: str, now: datetime | None = None
    ) -> str:
        """An address for GET of the object at ``path``; S3 refuses more than seven days, and so does this.

        AWS, "Authenticating Requests: Using Query Parameters": "Add all the query parameters (...) in the canonical
        query string (...) sorted by name", and the payload is the literal ``UNSIGNED-PAYLOAD``.
        """
        if not timedelta(0) < expires <= _LONGEST:
            raise ValueError("A signed address lasts between one second and seven days.")
        moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/{self.region}/s3/aws4_request"
        base = urlsplit(self.base)
        resource = quote(f"{base.path.rstrip('/')}/{path}", safe="/~")
        said = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.access_key_id}/{scope}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(int(expires.total_seconds())),
            "X-Amz-SignedHeaders": "host",
            "response-content-disposition": attachment(filename),
            "response-content-type": content_type,
        }
        if self.session_token:
            said["X-Amz-Security-Token"] = self.session_token
        query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(said.items()))
        request = "\n".join(["GET", resource, query, f"host:{base.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
        signed = "\n".join(["AWS4-HMAC-SHA256", moment, scope, sha256(request.encode()).hexdigest()])
        signature = _keyed(self._signing_key(scope), signed).hex()
        return f"{base.scheme}://{base.netloc}{resource}?{query}&X-Amz-Signature={signature}"

    def _signing_key(self, scope: str) -> bytes:
        key = f"AWS4{self.secret_access_key}".encode()
        for part in scope.split("/"):
            key = _keyed(key, part)
        return key


def signer_for(url: str, config: Mapping[str, str]) -> Signer | None:
    """The signer for a bucket at ``s3://bucket/prefix``, or None when ``config`` has no key pair and region for it."""
    scheme, _, rest = url.partition("://")
    if scheme != "s3" or not {"access_key_id", "secret_access_key", "region"} <= config.keys():
        return None
    endpoint = config.get("endpoint") or f"https://s3.{config['region']}.amazonaws.com"
    return Signer(
        base=f"{endpoint.rstrip('/')}/{rest.rstrip('/')}",
        region=config["region"],
        access_key_id=config["access_key_id"],
        secret_access_key=config["secret_access_key"],
        session_token=config.get("session_token"),
    )


def attachment(filename: str) -> str:
    """The Content-Disposition that names a download (RFC 6266: ``filename*`` for what a quoted string cannot hold)."""
    if _PLAIN_FILENAME.fullmatch(filename):
        return f'attachment; filename="{filename}"'
    return f"attachment; filename*=UTF-8''{quote(filename, safe='')}"


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
