"""A security key in software: it makes real attestations and assertions, and wrong ones when it is told to."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, ATTESTED, EXTENDED = 0x01, 0x40, 0x80


class Authenticator:
    """One key for one site. ``count`` is how often it has signed; a key that does not count stays at 0."""

    def __init__(self, origin: str = "https://index.test", *, counts: bool = True) -> None:
        self.origin = origin
        self.counts = counts
        self.count = 0
        self.credential_id = secrets.token_bytes(32)
        self._private = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """What ``navigator.credentials.create()`` gives for these options.

        ``changes``: ``origin``, ``challenge``, ``kind`` of the client data; ``host``, ``flags``, ``key`` (COSE) of the
        authenticator data; ``attestation``, the whole CBOR object.
        """
        key = cbor2.dumps(changes["key"] if "key" in changes else self.public_key())
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        flags = changes.get("flags", PRESENT | ATTESTED)
        data = self._authenticator_data(changes.get("host", options["rp"]["id"]), flags) + attested
        attestation = {"fmt": "none", "attStmt": {}, "authData": data, **changes.get("attestation", {})}
        client_data = self._client_data("webauthn.create", options, changes)
        return self._credential(clientDataJSON=client_data, attestationObject=cbor2.dumps(attestation))

    def sign(self, options: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """What ``navigator.credentials.get()`` gives for these options; also ``count`` and ``signature`` can change."""
        if self.counts:
            self.count += 1
        data = self._authenticator_data(
            changes.get("host", options["rpId"]), changes.get("flags", PRESENT), changes.get("count")
        )
        client_data = self._client_data("webauthn.get", options, changes)
        signed = data + hashlib.sha256(client_data).digest()
        signature = changes.get("signature") or self._private.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def public_key(self) -> dict[int, Any]:
        """The key as COSE says it: ES256 on P-256."""
        numbers = self._private.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def _authenticator_data(self, host: str, flags: int, count: int | None = None) -> bytes:
        count = self.count if count is None else count
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: Mapping[str, Any], changes: Mapping[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        said |= {name: changes[name] for name in ("challenge", "origin", "type") if name in changes}
        return json.dumps(said).encode()

    def _credential(self, **response: bytes) -> dict[str, Any]:
        named = encoded(self.credential_id)
        coded = {name: encoded(value) for name, value in response.items()}
        return {"id": named, "rawId": named, "type": "public-key", "response": coded, "clientExtensionResults": {}}


def encoded(value: bytes) -> str:
    """Base64 as web pages write it."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """What :func:`encoded` was given."""
    return urlsafe_b64decode(text + "===")
