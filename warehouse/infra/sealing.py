"""Small secrets that have to be read again, sealed so that a copy of the database gives none of them away."""

from __future__ import annotations

import hashlib
import hmac
import secrets

NONCE = 12  # bytes: what AES-GCM takes without hashing it first


class NotSealedHere(Exception):
    """This was sealed with another secret, for something else, or not at all."""


def seal(secret: bytes, plain: bytes, *, about: bytes) -> bytes:
    """``plain`` under a key made of the instance's ``secret`` (AES-256-GCM).

    ``about`` is what it belongs to: moved to another place it is worthless.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, plain, about)


def unseal(secret: bytes, sealed: bytes, *, about: bytes) -> bytes:
    """What was sealed; refuses with :class:`NotSealedHere`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(sealed) <= NONCE:
        raise NotSealedHere
    try:
        return AESGCM(_key(secret)).decrypt(sealed[:NONCE], sealed[NONCE:], about)
    except InvalidTag as error:
        raise NotSealedHere from error


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"sealing", hashlib.sha256)
