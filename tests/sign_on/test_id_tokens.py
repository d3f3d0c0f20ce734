"""ID tokens: what is believed, and every way in which one is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from tests.sign_on.issuer import RSA_KEY, SigningKey, new_key
from warehouse.standards.openid import ALGORITHMS, BadToken, UnknownKey, code_challenge, read_id_token

ISSUER, CLIENT, NONCE = "https://login.example.org", "warehouse", "the-nonce-that-was-sent"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())


def claims(**changes: Any) -> dict[str, Any]:
    good = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "nonce": NONCE, "iat": SECOND, "exp": SECOND + 300}
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def read(token: str, *keys: dict[str, Any], **options: Any) -> Any:
    published = tuple(keys) or (RSA_KEY.public,)
    return read_id_token(token, published, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW, **options)


def test_the_challenge_is_the_one_of_the_standard():
    # RFC 7636, appendix B
    assert (
        code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_good_token_tells_its_claims():
    assert read(RSA_KEY.sign(claims(email="ada@example.com")))["email"] == "ada@example.com"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA"])
def test_the_usual_signatures_are_read(algorithm):
    assert algorithm in ALGORITHMS
    key = new_key(algorithm, "k")
    assert read(key.sign(claims()), RSA_KEY.public, key.public)["sub"] == "1"


def test_a_key_need_not_say_what_it_is_for_nor_have_a_name_when_it_is_the_only_one():
    bare = {name: value for name, value in RSA_KEY.public.items() if name in ("kty", "n", "e")}
    assert read(jwt_of({"alg": "RS256"}, claims(), RSA_KEY), bare)["sub"] == "1"


BAD_CLAIMS = {
    "another issuer": (claims(iss="https://evil.example.org"), "comes from 'https://evil.example.org' and not"),
    "an issuer with a slash more": (claims(iss=ISSUER + "/"), "and not from"),
    "no issuer": (claims(iss=...), "comes from None"),
    "another audience": (claims(aud="somebody-else"), "meant for another client"),
    "no audience": (claims(aud=...), "meant for another client"),
    "an audience that is a number": (claims(aud=5), "meant for another client"),
    "several audiences without azp": (claims(aud=[CLIENT, "other"]), "azp"),
    "several audiences, made for another": (claims(aud=[CLIENT, "other"], azp="other"), "azp"),
    "made for another": (claims(azp="other"), "azp"),
    "expired": (claims(exp=SECOND - 61), "expired"),
    "no expiry": (claims(exp=...), "does not say its exp"),
    "an expiry that is a text": (claims(exp="tomorrow"), "does not say its exp"),
    "an expiry at infinity": (claims(exp=float("inf")), "does not say its exp"),
    "an expiry beyond time": (claims(exp=10**20), "does not say its exp"),
    "made in the future": (claims(iat=SECOND + 120), "in the future"),
    "made long ago": (claims(iat=SECOND - 3600), "too long ago"),
    "no time": (claims(iat=...), "does not say its iat"),
    "not valid yet": (claims(nbf=SECOND + 120), "not valid yet"),
    "another nonce": (claims(nonce="x"), "nonce"),
    "no nonce": (claims(nonce=...), "nonce"),
    "a nonce that is a list": (claims(nonce=[NONCE]), "nonce"),
    "a nonce of lone surrogates": (claims(nonce="\ud800"), "nonce"),
    "nobody": (claims(sub=...), "whom it is about"),
    "an empty subject": (claims(sub=""), "whom it is about"),
    "a number as subject": (claims(sub=7), "whom it is about"),
    "a long subject": (claims(sub="x" * 256), "whom it is about"),
    "a subject with a NUL": (claims(sub="a\0b"), "whom it is about"),
}


@pytest.mark.parametrize("kind", BAD_CLAIMS)
def test_a_token_that_says_something_else_is_not_believed(kind):
    said, sentence = BAD_CLAIMS[kind]
    with pytest.raises(BadToken, match=sentence):
        read(RSA_KEY.sign(said))


def test_clocks_may_differ_by_a_minute():
    assert read(RSA_KEY.sign(claims(iat=SECOND + 55, exp=SECOND - 55)))["sub"] == "1"


def test_one_audience_of_several_is_enough_when_the_token_was_made_for_us():
    assert read(RSA_KEY.sign(claims(aud=["other", CLIENT], azp=CLIENT)))["sub"] == "1"


def part(value: Any) -> str:
    return (
        base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode().rstrip("=")
    )


def jwt_of(header: dict[str, Any], said: Any, key: SigningKey | bytes | None = None) -> str:
    signed = f"{part(header)}.{part(said)}"
    if isinstance(key, bytes):
        return f"{signed}.{part(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"
    if key is None:
        return f"{signed}."
    return f"{signed}.{part(key.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


OTHER = new_key("RS256", "first")
FORGED = {
    "unsigned": (jwt_of({"alg": "none"}, claims()), "signed by 'none'"),
    "unsigned, in capitals": (jwt_of({"alg": "NONE", "kid": "first"}, claims()), "signed by 'NONE'"),
    "without an algorithm": (jwt_of({"kid": "first"}, claims()), "signed by None"),
    "with a list of algorithms": (jwt_of({"alg": ["RS256"], "kid": "first"}, claims(), RSA_KEY), "is not accepted"),
    "with the public key as HMAC's": (jwt_of({"alg": "HS256", "kid": "first"}, claims(), RSA_KEY.pem()), "'HS256'"),
    "with another key of the same name": (OTHER.sign(claims()), "signature is wrong"),
    "with an algorithm that is not the key's": (
        jwt_of({"alg": "PS256", "kid": "first"}, claims(), RSA_KEY),
        "not publish",
    ),
    "with a kind that is not the key's": (jwt_of({"alg": "ES256", "kid": "first"}, claims(), RSA_KEY), "not publish"),
    "with a key of its own": (
        jwt_of({"alg": "RS256", "kid": "other", "jwk": OTHER.public}, claims(), OTHER),
        "not publish",
    ),
    "with a crit that nobody knows": (
        jwt_of({"alg": "RS256", "kid": "first", "crit": ["x"], "x": 1}, claims(), RSA_KEY),
        "cannot be read",
    ),
    "with the signature cut off": (RSA_KEY.sign(claims()).rpartition(".")[0] + ".", "signature is wrong"),
    "with claims that are a list": (jwt_of({"alg": "RS256", "kid": "first"}, [1], RSA_KEY), "cannot be read"),
    "with a name that is a number": (jwt_of({"alg": "RS256", "kid": 5}, claims(), RSA_KEY), "cannot be read"),
    "of two parts": ("a.b", "cannot be read"),
    "of nothing": ("", "cannot be read"),
    "of what is not ASCII": ("é.é.é", "cannot be read"),
    "of brackets": (f"{part(b'[' * 40000)}.x.x", "cannot be read"),
    "too long": ("x" * 70_000, "longer than"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_token_that_the_issuer_did_not_sign_is_not_believed(kind):
    token, sentence = FORGED[kind]
    with pytest.raises(BadToken, match=sentence):
        read(token)


def test_a_key_that_is_not_known_is_told_apart_since_the_issuer_may_have_new_ones():
    with pytest.raises(UnknownKey):
        read(new_key("RS256", "second").sign(claims()))


def test_among_several_keys_the_token_must_name_one():
    with pytest.raises(BadToken, match="which of the issuer's keys"):
        read(jwt_of({"alg": "RS256"}, claims(), RSA_KEY), RSA_KEY.public, OTHER.public | {"kid": "b"})


def test_a_key_for_encryption_signs_nothing():
    with pytest.raises(UnknownKey):
        read(RSA_KEY.sign(claims()), RSA_KEY.public | {"use": "enc"})


def test_a_short_key_is_refused():
    short = new_key("RS256", "short", bits=1024)
    with pytest.raises(BadToken, match="1024 bits"):
        read(short.sign(claims()), short.public)


@pytest.mark.parametrize(
    "key", [{"kty": "RSA"}, {"kty": "RSA", "n": "!", "e": "AQAB"}, {"kty": "RSA", "n": 5, "e": []}]
)
def test_a_key_that_is_none_is_said_to_be_unreadable(key):
    with pytest.raises(BadToken):
        read(RSA_KEY.sign(claims()), key | {"kid": "first"})


def test_who_has_to_sign_in_again_has_done_so_lately():
    begun = NOW - timedelta(minutes=2)
    assert read(RSA_KEY.sign(claims(auth_time=SECOND - 60)), authenticated_after=begun)
    with pytest.raises(BadToken, match="did not ask again"):
        read(RSA_KEY.sign(claims(auth_time=SECOND - 3600)), authenticated_after=begun)
    with pytest.raises(BadToken, match="auth_time"):
        read(RSA_KEY.sign(claims()), authenticated_after=begun)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku", "x5c"]), JSON), JSON)
def test_whatever_stands_in_a_token_it_is_refused_in_a_sentence(header, said):
    with pytest.raises(BadToken) as refused:
        read(jwt_of(header, said, b"key"))
    assert "\n" not in str(refused.value)


@given(st.dictionaries(st.sampled_from(["iss", "aud", "sub", "nonce", "iat", "exp", "nbf", "azp"]), JSON, min_size=1))
def test_whatever_a_signed_token_claims_it_is_believed_or_refused(changes):
    token = jwt_of({"alg": "RS256", "kid": "first"}, claims(**changes), RSA_KEY)
    try:
        assert read(token)["sub"]
    except BadToken as refused:
        assert "\n" not in str(refused)
