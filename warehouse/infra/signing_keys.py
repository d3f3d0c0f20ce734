"""The public keys of somebody who posts signed reports to us, and whether it was really them.

The scheme of GitHub's secret scanning partner program, which others took over: ECDSA with SHA-256 over the body, and a
published list of keys, `{"public_keys": [{"key_identifier": ..., "key": PEM}]}`.
"""

from __future__ import annotations

import threading
import time
from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from warehouse.errors import Invalid, Unavailable
from warehouse.infra.asking import NotAnswered, ask

TIME_LIMIT = timedelta(seconds=5)
KEPT_FOR = 30 * 60.0  # seconds
ANEW_AFTER = 60.0
"""Seconds before the list is asked for a key that it did not have: anybody can name one."""

MOST_KEYS = 100


class SigningKeys:
    """The keys of ``who``, kept at ``url``; ``token`` is sent when they are fetched."""

    def __init__(self, who: str, url: str, *, token: str | None = None) -> None:
        self._who = who
        self._url = url
        self._headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        self._keys: Mapping[str, str] = {}
        self._fetched_at: float | None = None
        self._fetching = threading.Lock()

    def verify(self, body: bytes, key_id: str, signature: str) -> None:
        """Refuse with :class:`Invalid` a body that ``who`` did not sign with this key.

        With :class:`Unavailable` when their keys cannot be had now, so that they try again.
        """
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.hashes import SHA256

        pem = self._key(key_id)
        if pem is None:
            raise Invalid(f"{self._who} has no key of this name.", code="unknown_key")
        try:
            _public_key(pem).verify(b64decode(signature, validate=True), body, ECDSA(SHA256()))
        except (InvalidSignature, ValueError) as error:  # ValueError: no base64
            raise Invalid("The signature is wrong.", code="bad_signature") from error

    def _key(self, key_id: str) -> str | None:
        age = time.monotonic() - self._fetched_at if self._fetched_at is not None else float("inf")
        if age > KEPT_FOR or (key_id not in self._keys and age > ANEW_AFTER):
            self._fetch()
        return self._keys.get(key_id)

    def _fetch(self) -> None:
        """One at a time, and nobody waits for it: made-up reports could take all threads otherwise."""
        if not self._fetching.acquire(blocking=False):
            raise Unavailable("The keys are being fetched.", retry_after=5)
        try:
            reply = ask(self._who, "GET", self._url, headers=self._headers, time_limit=TIME_LIMIT)
            if reply.status != 200:
                raise Unavailable(f"{self._who} answered with {reply.status}.", retry_after=60)
            self._keys = _read(reply.body, self._who)
            self._fetched_at = time.monotonic()
        except NotAnswered as error:
            raise Unavailable(str(error), retry_after=60) from error
        finally:
            self._fetching.release()


def _read(body: bytes, who: str) -> Mapping[str, str]:
    try:
        listed = orjson.loads(body)["public_keys"]
        return {str(one["key_identifier"]): str(one["key"]) for one in listed[:MOST_KEYS]}
    except (ValueError, TypeError, KeyError) as error:
        raise Unavailable(f"What {who} keeps there is no list of keys.", retry_after=60) from error


def _public_key(pem: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unavailable("The key in the list cannot be read.", retry_after=60) from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise Unavailable("The key in the list is of another kind.", retry_after=60)
    return key
