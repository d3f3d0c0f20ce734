"""OpenID Connect's ID tokens: whether one says what it must, and says it to us, now, in answer to what we asked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

LEEWAY = timedelta(minutes=1)
"""How far the issuer's clock may be from ours."""
OLDEST = timedelta(minutes=10)
"""How old a token may be: it was made when its code was exchanged, a moment ago."""

LONGEST_TOKEN = 64 * 1024  # characters: thousands of groups
LONGEST_SUBJECT = 255  # OpenID Connect Core 2: "It MUST NOT exceed 255 ASCII characters in length."
SMALLEST_RSA = 2048  # bits; RFC 7518, 3.3

ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""How a token may be signed, each with the kind and curve of its keys.

Neither "none" nor HMAC is among them: with HMAC, whoever reads a public key could sign with it (RFC 8725, 2.1).
"""

_SIGNATURE_ONLY: Any = dict.fromkeys(
    ("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_iss", "verify_sub", "verify_jti"), False
)

Claims = Mapping[str, Any]
Keys = tuple[Mapping[str, Any], ...]


class BadToken(Exception):
    """The token cannot be believed; the message is one sentence that says why, for the operator's log."""


class UnknownKey(BadToken):
    """It is signed with a key that is not among those that are known: the issuer may have new ones."""


def code_challenge(verifier: str) -> str:
    """RFC 7636, 4.2: "code_challenge = BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))"."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def authorization_address(
    endpoint: str,
    *,
    client_id: str,
    redirect_uri: str,
    scopes: tuple[str, ...],
    state: str,
    nonce: str,
    verifier: str,
    again: bool = False,
) -> str:
    """Where to send the browser, so that its user signs in there and comes back with a code.

    With ``again`` they are asked who they are although they are signed in there already.
    """
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    if again:
        # Core 3.1.2.1: with max_age "the ID Token returned MUST include an auth_time Claim Value".
        asked |= {"prompt": "login", "max_age": "0"}
    return endpoint + ("&" if "?" in endpoint else "?") + urlencode(asked)


def read_id_token(
    text: str,
    keys: Keys,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    now: datetime,
    authenticated_after: datetime | None = None,
) -> Claims:
    """The claims of an ID token that came for us (OpenID Connect Core 3.1.3.7).

    ``authenticated_after``: it must also say that its subject proved who they are since then. Raises
    :class:`UnknownKey` when other keys might verify it, and :class:`BadToken` when nothing can.
    """
    claims = _verified(text, keys)
    if claims.get("iss") != issuer:
        raise BadToken(f"The ID token comes from {_shown(claims.get('iss'))} and not from {issuer}.")
    _check_audience(claims, client_id)
    _check_times(claims, now)
    if not isinstance(claims.get("nonce"), str) or not hmac.compare_digest(
        claims["nonce"].encode("utf-8", "replace"), nonce.encode()
    ):
        raise BadToken("The ID token answers another question: its nonce is not the one that was sent.")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise BadToken("The ID token does not say whom it is about: its sub is missing or no text.")
    if authenticated_after is not None and _time(claims, "auth_time") < authenticated_after - LEEWAY:
        raise BadToken("The issuer did not ask again who it is: auth_time is in the past.")
    return claims


def _verified(text: str, keys: Keys) -> Claims:
    import jwt

    if len(text) > LONGEST_TOKEN:
        raise BadToken(f"The ID token is longer than {LONGEST_TOKEN} characters.")
    try:
        header = jwt.get_unverified_header(text)
        key = _key_for(header, keys)
        # Signature, form and algorithm here; what the claims say below, by the clock that we were given.
        return dict(jwt.decode(text, key=key, algorithms=[header["alg"]], options=_SIGNATURE_ONLY))
    except jwt.InvalidSignatureError as error:
        raise BadToken("The ID token's signature is wrong.") from error
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise BadToken("The ID token cannot be read.") from error


def _key_for(header: Mapping[str, Any], keys: Keys) -> Any:
    """The one key that may have signed it. The algorithm is the header's, and must be on our list and of the key."""
    import jwt

    algorithm, name = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise BadToken(f"The ID token is signed by {_shown(algorithm)}, which is not accepted.")
    kind, curve = ALGORITHMS[algorithm]
    fitting = [
        key
        for key in keys
        if key.get("kty") == kind
        and (curve is None or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (name is None or key.get("kid") == name)
    ]
    if not fitting:
        raise UnknownKey("The ID token is signed with a key that the issuer does not publish.")
    if len(fitting) > 1:
        # Core 10.1: "If there are multiple keys in the referenced JWK Set document, a kid value MUST be provided"
        raise BadToken("The ID token does not say which of the issuer's keys it is signed with.")
    key = jwt.PyJWK(dict(fitting[0]), algorithm).key
    if kind == "RSA" and key.key_size < SMALLEST_RSA:
        raise BadToken(f"The issuer's key has {key.key_size} bits; {SMALLEST_RSA} are the least.")
    return key


def _check_audience(claims: Claims, client_id: str) -> None:
    audience = claims.get("aud")
    meant = [audience] if isinstance(audience, str) else audience
    if not isinstance(meant, list) or client_id not in meant:
        raise BadToken("The ID token is meant for another client than this one.")
    # "If the ID Token contains multiple audiences, the Client SHOULD verify that an azp Claim is present."
    if (len(meant) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise BadToken("The ID token was made for another client than this one: its azp says so.")


def _check_times(claims: Claims, now: datetime) -> None:
    if _time(claims, "exp") <= now - LEEWAY:
        raise BadToken("The ID token has expired.")
    made = _time(claims, "iat")
    if made > now + LEEWAY:
        raise BadToken("The ID token was made in the future: the issuer's clock, or this machine's, is wrong.")
    if made < now - OLDEST:
        raise BadToken("The ID token was made too long ago.")
    if "nbf" in claims and _time(claims, "nbf") > now + LEEWAY:
        raise BadToken("The ID token is not valid yet.")


def _time(claims: Claims, name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 253402300800:
        raise BadToken(f"The ID token does not say its {name}.")
    return datetime.fromtimestamp(value, UTC)


def _shown(value: object) -> str:
    return re.sub(r"[^ -~]", "?", repr(value))[:200]
