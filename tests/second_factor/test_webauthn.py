"""Security keys: what is believed of what a browser answers."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.second_factor.authenticator import ATTESTED, EXTENDED, PRESENT, Authenticator, decoded, encoded
from warehouse.infra import webauthn

SITE = webauthn.Site.at("https://index.test", "Index")
CHALLENGE = bytes(range(32))


def to_register(site: webauthn.Site = SITE, known: tuple[bytes, ...] = ()) -> dict[str, Any]:
    return webauthn.options_to_register(
        site, user_id=b"0123456789abcdef", username="ada", name="", challenge=CHALLENGE, known=known
    )


def to_sign_in(*known: bytes) -> dict[str, Any]:
    return webauthn.options_to_sign_in(SITE, challenge=CHALLENGE, known=known)


def check(key: Authenticator, answer: object, *, sign_count: int = 0, challenge: bytes = CHALLENGE) -> int:
    public_key = webauthn.registered(SITE, key.make(to_register()), challenge=CHALLENGE).public_key
    return webauthn.verified(SITE, answer, challenge=challenge, public_key=public_key, sign_count=sign_count)


def test_a_key_is_made_and_signs_in():
    key = Authenticator()
    made = webauthn.registered(SITE, key.make(to_register()), challenge=CHALLENGE)
    assert (made.credential_id, made.sign_count) == (key.credential_id, 0)
    answer = key.sign(to_sign_in(made.credential_id))
    assert webauthn.named_key(answer) == key.credential_id
    assert check(key, answer) == 1


def test_an_answer_may_come_as_the_text_of_it():
    key = Authenticator()
    made = webauthn.registered(SITE, json.dumps(key.make(to_register())), challenge=CHALLENGE)
    assert made.credential_id == key.credential_id
    assert check(key, json.dumps(key.sign(to_sign_in()))) == 1


def test_browsers_are_asked_for_no_attestation_and_no_fingerprint():
    asked = to_register(known=(b"one",))
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["userVerification"] == "discouraged"
    assert asked["rp"] == {"name": "Index", "id": "index.test"}
    assert asked["user"]["name"] == asked["user"]["displayName"] == "ada"
    assert asked["excludeCredentials"] == [{"id": encoded(b"one"), "type": "public-key"}]
    asked = to_sign_in(b"one", b"two")
    assert asked["userVerification"] == "discouraged"
    assert asked["rpId"] == "index.test"
    assert [one["id"] for one in asked["allowCredentials"]] == [encoded(b"one"), encoded(b"two")]


def test_challenges_are_never_the_same():
    assert len({webauthn.new_challenge() for _ in range(100)}) == 100


WRONG_KEY = {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}  # a point that is not on the curve
EMPTY_KEY: dict[int, Any] = {}


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.test"},
        {"origin": "http://index.test"},
        {"origin": "https://index.test:8443"},
        {"challenge": encoded(bytes(32))},
        {"type": "webauthn.get"},
        {"host": "evil.test"},
        {"flags": ATTESTED},
        {"flags": PRESENT},
        {"key": WRONG_KEY},
        {"key": EMPTY_KEY},
        {"key": 7},
        {"key": {**WRONG_KEY, 3: -65535}},
        {"attestation": {"authData": b""}},
        {"attestation": {"authData": 5}},
    ],
    ids=str,
)
def test_a_key_is_not_taken_from_an_answer_to_something_else(changes):
    with pytest.raises(webauthn.BadAnswer):
        webauthn.registered(SITE, Authenticator().make(to_register(), **changes), challenge=CHALLENGE)


def test_an_attestation_that_nobody_asked_for_is_not_looked_at():
    answer = Authenticator().make(to_register(), attestation={"fmt": "packed", "attStmt": {"x5c": [b"junk"]}})
    webauthn.registered(SITE, answer, challenge=CHALLENGE)


def test_a_key_with_an_endless_name_is_not_taken():
    key = Authenticator()
    key.credential_id = bytes(1024)
    with pytest.raises(webauthn.BadAnswer):
        webauthn.registered(SITE, key.make(to_register()), challenge=CHALLENGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.test"},
        {"challenge": encoded(bytes(32))},
        {"type": "webauthn.create"},
        {"host": "evil.test"},
        {"flags": 0},
        {"signature": b"0"},
        {"signature": bytes(64)},
    ],
    ids=str,
)
def test_an_answer_to_something_else_signs_nobody_in(changes):
    key = Authenticator()
    with pytest.raises(webauthn.BadAnswer):
        check(key, key.sign(to_sign_in(), **changes))


def test_another_key_signs_nobody_in():
    with pytest.raises(webauthn.BadAnswer):
        check(Authenticator(), Authenticator().sign(to_sign_in()))


@pytest.mark.parametrize(("seen", "now"), [(5, 5), (5, 4), (5, 0)])
def test_a_count_that_does_not_grow_tells_of_a_copy(seen, now):
    key = Authenticator()
    with pytest.raises(webauthn.BadAnswer, match="sign count"):
        check(key, key.sign(to_sign_in(), count=now), sign_count=seen)


def test_a_key_that_does_not_count_signs_in_all_the_same():
    key = Authenticator(counts=False)
    assert check(key, key.sign(to_sign_in())) == 0


@pytest.mark.parametrize(
    "answer",
    [None, 1, [], {}, "", "{", "[]", "null", {"id": 1}, {"response": 5}, {"response": {"attestationObject": "é"}},
     "[" * 100_000, {"response": {"attestationObject": encoded(b"\x81" * 5000)}}],
    ids=lambda answer: str(answer)[:20],
)  # fmt: skip
def test_what_is_no_answer_is_refused(answer):
    with pytest.raises(webauthn.BadAnswer):
        webauthn.registered(SITE, answer, challenge=CHALLENGE)
    with pytest.raises(webauthn.BadAnswer):
        webauthn.named_key(answer)
    with pytest.raises(webauthn.BadAnswer):
        webauthn.verified(SITE, answer, challenge=CHALLENGE, public_key=b"\xa0", sign_count=0)


def bomb(levels: int = 60) -> bytes:
    """CBOR that is read at once and takes ages to write: each level holds the one before it twice."""
    shared, reference = b"\xd8\x1c", b"\xd8\x1d"
    lists = [shared + b"\x82" + (reference + cbor2.dumps(level)) * 2 for level in range(levels - 1)]
    return b"\x98" + bytes([levels]) + shared + b"\x82\x00\x00" + b"".join(lists)


def test_a_bomb_in_an_answer_is_not_set_off():
    key = Authenticator()
    made, signed = key.make(to_register()), key.sign(to_sign_in())
    head = decoded(signed["response"]["authenticatorData"])
    with_extensions = head[:32] + bytes([PRESENT | EXTENDED]) + head[33:] + bomb()
    with_key = head[:32] + bytes([PRESENT | ATTESTED]) + head[33:] + bytes(18) + bomb()
    for data in (with_extensions, with_key):
        answer = copy.deepcopy(signed)
        answer["response"]["authenticatorData"] = encoded(data)
        with pytest.raises(webauthn.BadAnswer):
            check(key, answer)
        answer = copy.deepcopy(made)
        answer["response"]["attestationObject"] = encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}))
        with pytest.raises(webauthn.BadAnswer):
            webauthn.registered(SITE, answer, challenge=CHALLENGE)
    made["response"]["attestationObject"] = encoded(b"\xa1\x68authData" + bomb())
    with pytest.raises(webauthn.BadAnswer):
        webauthn.registered(SITE, made, challenge=CHALLENGE)


def test_extensions_that_nobody_asked_for_are_let_be():
    key = Authenticator()
    answer = key.make(to_register())
    attestation = cbor2.loads(decoded(answer["response"]["attestationObject"]))
    data = attestation["authData"]
    attestation["authData"] = (
        data[:32] + bytes([PRESENT | ATTESTED | EXTENDED]) + data[33:] + cbor2.dumps({"credProtect": 2})
    )
    answer["response"]["attestationObject"] = encoded(cbor2.dumps(attestation))
    assert webauthn.registered(SITE, answer, challenge=CHALLENGE).credential_id == key.credential_id


JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
PLACES = ["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "authenticatorData", "signature"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), JUNK | st.binary(max_size=80).map(encoded))
def test_whatever_a_stranger_changes_in_an_answer_is_refused_or_right(place, junk):
    key = Authenticator()
    made, signed = key.make(to_register()), key.sign(to_sign_in())
    for answer in (made, signed):
        changed = copy.deepcopy(answer)
        (changed if place in changed else changed["response"])[place] = junk
        try:
            if answer is made:
                webauthn.registered(SITE, changed, challenge=CHALLENGE)
            else:
                check(key, changed)
        except webauthn.BadAnswer:
            continue
        assert changed == answer or place not in {**answer, **answer["response"]}, "something wrong was believed"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 250), st.integers(0, 255))
def test_no_flipped_byte_of_an_attestation_breaks_anything(place, byte):
    key = Authenticator()
    answer = key.make(to_register())
    attestation = bytearray(decoded(answer["response"]["attestationObject"]))
    attestation[place % len(attestation)] = byte
    answer["response"]["attestationObject"] = encoded(bytes(attestation))
    with contextlib.suppress(webauthn.BadAnswer):
        webauthn.registered(SITE, answer, challenge=CHALLENGE)


@pytest.mark.parametrize(
    ("url", "either", "host", "origins"),
    [
        ("https://index.test", False, "index.test", ("https://index.test",)),
        ("https://index.test:443", False, "index.test", ("https://index.test",)),
        ("https://index.test:8443/", False, "index.test", ("https://index.test:8443",)),
        ("http://localhost:8080", True, "localhost", ("https://localhost:8080", "http://localhost:8080")),
    ],
)
def test_a_site_is_known_by_its_host_and_believes_its_own_pages(url, either, host, origins):
    site = webauthn.Site.at(url, "Index", either_scheme=either)
    assert (site.host, site.origins) == (host, origins)
    assert site.can_have_keys


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]/", "http://192.0.2.1"])
def test_browsers_make_no_keys_for_the_address_of_a_machine(url):
    assert not webauthn.Site.at(url, "Index").can_have_keys
