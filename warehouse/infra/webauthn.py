"""Security keys: what browsers are asked, and what they answer (W3C Web Authentication, by py_webauthn).

We ask for no attestation and look at none: who made a key does not matter here, and what is not parsed cannot be
attacked. User verification is discouraged, because the password has been asked for already.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from warehouse.infra import cbor

CHALLENGE_SIZE = 32  # bytes
LONGEST_ID = 1023  # bytes: "Credential IDs ... at most 1023 bytes"
LONGEST_KEY = 2048  # bytes: an RSA key of 8192 bits is half as long
LONGEST_ANSWER = 32 * 1024  # characters
TIMEOUT = 60_000  # milliseconds that browsers wait for a touch

_HEAD, _FLAGS, _AAGUID = 37, 32, 16  # bytes; the place of the flags
_ATTESTED = 0x40
_PORTS = {"http": 80, "https": 443}


class BadAnswer(Exception):
    """The answer does not prove what it should; the text says why, for the log."""


class NewKey(NamedTuple):
    """A key that was just made."""

    credential_id: bytes
    public_key: bytes  # COSE
    sign_count: int


@dataclass(frozen=True)
class Site:
    """For whom keys are made: the host name, and the addresses of pages that may ask for them."""

    host: str
    origins: tuple[str, ...]
    name: str

    @classmethod
    def at(cls, url: str, name: str, *, either_scheme: bool = False) -> Site:
        """The site at this address; with ``either_scheme`` also as the other of http and https sees it.

        A proxy that ends TLS need not tell us of it. The browser vouches for the host, which is what keys are bound to.
        """
        parts = urlsplit(url)
        schemes = ("https", "http") if either_scheme else (parts.scheme,)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port not in (None, _PORTS.get(parts.scheme)) else ""
        return cls(host, tuple(f"{scheme}://{host}{port}" for scheme in schemes), name)

    @property
    def can_have_keys(self) -> bool:
        """Whether browsers make keys for it: for names, not for addresses of machines."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return bool(self.host)
        return False


def new_challenge() -> bytes:
    """Something to sign that was never signed before."""
    return secrets.token_bytes(CHALLENGE_SIZE)


def options_to_register(
    site: Site, *, user_id: bytes, username: str, name: str, challenge: bytes, known: Iterable[bytes]
) -> dict[str, Any]:
    """What the browser is given to make a key; it makes none on a device that has one of the ``known`` already."""
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=user_id,
        user_name=username,
        user_display_name=name or username,
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            user_verification=UserVerificationRequirement.DISCOURAGED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json_dict(options)


def registered(site: Site, answer: object, *, challenge: bytes) -> NewKey:
    """The key that the browser made; refuses with :class:`BadAnswer` what is not the answer to this challenge."""
    from webauthn import verify_registration_response
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    with _refused():
        credential = _without_attestation(_read(answer))
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
        )
        if len(verified.credential_id) > LONGEST_ID or len(verified.credential_public_key) > LONGEST_KEY:
            raise BadAnswer("the key is too long")
        # A key that cannot verify anything would be found out only when somebody wants to sign in with it.
        decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
    return NewKey(verified.credential_id, verified.credential_public_key, verified.sign_count)


def options_to_sign_in(site: Site, *, challenge: bytes, known: Iterable[bytes]) -> dict[str, Any]:
    """What the browser is given to sign with one of the ``known`` keys."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=TIMEOUT,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return options_to_json_dict(options)


def named_key(answer: object) -> bytes:
    """The id of the key that an answer claims to be from; refuses with :class:`BadAnswer` what names none."""
    from webauthn.helpers import parse_authentication_credential_json

    with _refused():
        return parse_authentication_credential_json(_read(answer)).raw_id


def verified(site: Site, answer: object, *, challenge: bytes, public_key: bytes, sign_count: int) -> int:
    """The key's new sign count; refuses with :class:`BadAnswer` what this key did not sign for this challenge now.

    Also a count that does not grow: of two keys that have the same secret, one is a copy.
    """
    from webauthn import verify_authentication_response

    with _refused():
        return verify_authentication_response(
            credential=_with_plain_data(_read(answer)),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        ).new_sign_count


@contextmanager
def _refused() -> Iterator[None]:
    """Tells everything that a hostile answer makes the library raise as one refusal."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    malformed = (WebAuthnException, UnsupportedAlgorithm, ValueError, LookupError, TypeError, AttributeError)
    try:
        yield
    except (*malformed, OverflowError, RecursionError) as error:
        raise BadAnswer(f"{type(error).__name__}: {error}"[:300]) from error


def _read(answer: object) -> dict[str, Any]:
    """The browser's answer, sent as JSON or as the text of it."""
    if isinstance(answer, str):
        if len(answer) > LONGEST_ANSWER:
            raise BadAnswer("the answer is too long")
        answer = json.loads(answer)
    if not isinstance(answer, dict):
        raise BadAnswer("the answer is no object")
    return answer


def _without_attestation(credential: dict[str, Any]) -> dict[str, Any]:
    """The answer with the statement taken out that we did not ask for, and some keys give all the same."""
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor, parse_cbor

    response = credential["response"]
    attestation = base64url_to_bytes(response["attestationObject"])
    cbor.check_plain(attestation)
    data = parse_cbor(attestation)["authData"]
    _check_plain(data)
    bare = {"fmt": "none", "attStmt": {}, "authData": data}
    return {**credential, "response": {**response, "attestationObject": bytes_to_base64url(encode_cbor(bare))}}


def _with_plain_data(credential: dict[str, Any]) -> dict[str, Any]:
    """The same answer to a challenge, unless it holds what must not be decoded."""
    from webauthn.helpers import base64url_to_bytes

    _check_plain(base64url_to_bytes(credential["response"]["authenticatorData"]))
    return credential


def _check_plain(data: bytes) -> None:
    """Look at the CBOR in authenticator data before the library does: it writes again whatever it has decoded.

    "attestedCredentialData: variable (if present)", then "extensions: variable (if present)", after 37 bytes.
    """
    if not isinstance(data, bytes) or len(data) < _HEAD:
        raise BadAnswer("no authenticator data")
    position = _HEAD
    if data[_FLAGS] & _ATTESTED:
        length = int.from_bytes(data[_HEAD + _AAGUID : _HEAD + _AAGUID + 2], "big")
        position += _AAGUID + 2 + length
    cbor.check_plain(data, position)
