"""Macaroons: equal to those of another implementation in both directions, and strict about what they read."""

import base64
import re
from contextlib import suppress

import pymacaroons
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from warehouse.standards import macaroons
from warehouse.standards.macaroons import BadMacaroon, BadSignature, Macaroon

KEY = bytes(range(32))
IDENTIFIER = b"d90d919a-1b5b-4c1c-9d8e-3d2ff51c4b9e"
CAVEATS = (b'[1,["demo"]]', b'[2,["73b3b2f4-7e4c-4a0b-8b9c-7a8b6c5d4e3f"]]')
ONE = macaroons.create("index.example", IDENTIFIER, KEY, CAVEATS)

texts = st.binary(max_size=300)
locations = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
some_location = locations.filter(bool)  # an empty one is left out by us and written by them


def theirs(location, identifier, key, caveats):
    made = pymacaroons.Macaroon(location, identifier, key, version=pymacaroons.MACAROON_V2)
    for caveat in caveats:
        made.add_first_party_caveat(caveat)
    return made


@given(
    some_location, texts.filter(bool), st.binary(min_size=1, max_size=80), st.lists(st.text(max_size=200), max_size=5)
)
def test_what_we_write_is_what_another_implementation_writes_and_reads(location, identifier, key, caveats):
    ours = macaroons.create(location, identifier, key, [caveat.encode() for caveat in caveats])
    other = theirs(location, identifier, key, caveats)
    assert ours.signature.hex() == other.signature
    token = macaroons.to_token(ours)
    assert token == "pypi-" + other.serialize()
    read = pymacaroons.Macaroon.deserialize(token.removeprefix("pypi-"))
    verifier = pymacaroons.Verifier()
    verifier.satisfy_general(lambda caveat: True)
    assert verifier.verify(read, key)
    assert macaroons.from_token("pypi-" + other.serialize()) == ours


def test_a_token_narrowed_by_its_bearer_with_another_implementation_is_verified():
    read = pymacaroons.Macaroon.deserialize(macaroons.to_token(ONE).removeprefix("pypi-"))
    read.add_first_party_caveat("[0,20,10]")
    narrowed = macaroons.from_token("pypi-" + read.serialize())
    assert narrowed == ONE.narrowed(b"[0,20,10]")
    assert macaroons.verify(narrowed, KEY) == (*CAVEATS, b"[0,20,10]")


def test_stored_caveats_have_to_hold_as_well_as_presented_ones():
    assert macaroons.verify(ONE, KEY) == CAVEATS
    assert macaroons.verify(ONE, KEY, [b"[0,2,1]"]) == (*CAVEATS, b"[0,2,1]")


@pytest.mark.parametrize(
    "forged",
    [
        Macaroon(ONE.location, ONE.identifier, CAVEATS[:1], ONE.signature),
        Macaroon(ONE.location, ONE.identifier, (), ONE.signature),
        Macaroon(ONE.location, ONE.identifier, CAVEATS[::-1], ONE.signature),
        Macaroon(ONE.location, ONE.identifier, (*CAVEATS, b"[0,2,1]"), ONE.signature),
        Macaroon(ONE.location, b"another", CAVEATS, ONE.signature),
        Macaroon(ONE.location, ONE.identifier, CAVEATS, bytes(32)),
        macaroons.create("index.example", IDENTIFIER, b"another key", CAVEATS),
    ],
)
def test_a_changed_macaroon_is_refused(forged):
    with pytest.raises(BadSignature):
        macaroons.verify(forged, KEY)


def test_a_token_has_the_shape_that_scanners_look_for():
    token = macaroons.to_token(macaroons.create("x", IDENTIFIER, KEY))
    assert re.fullmatch(r"pypi-[A-Za-z0-9-_]{85,}", token)
    assert "=" not in token


def test_padding_is_accepted():
    token = macaroons.to_token(ONE)
    encoded = token.removeprefix("pypi-")
    assert macaroons.from_token(token + "=" * (-len(encoded) % 4)) == ONE


def test_a_macaroon_does_not_show_its_signature():
    assert ONE.signature.hex() not in repr(ONE)
    assert repr(ONE.signature) not in repr(ONE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pypi-",
        "pypi-=",
        "pypi-A",
        "pypi-====",
        "pypi-pypi-" + macaroons.to_token(ONE).removeprefix("pypi-"),
        macaroons.to_token(ONE).removeprefix("pypi-"),
        macaroons.to_token(ONE) + "\n",
        macaroons.to_token(ONE) + "+/",
        macaroons.to_token(ONE) + "é",
        " " + macaroons.to_token(ONE),
        macaroons.to_token(ONE)[:-3],
        "pypi-" + "A" * 10**6,
        "pypi-" + base64.urlsafe_b64encode(b"MDAxY2xvY2F0aW9uIGh0dHA").decode(),
    ],
)
def test_what_is_no_token_is_refused_and_not_repeated(text):
    with pytest.raises(BadMacaroon) as refused:
        macaroons.from_token(text)
    assert text == "" or text not in str(refused.value)


IDENTIFIED = b"\x02\x02\x01i\x00"
SIGNED = b"\x06\x20" + bytes(32)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x02",
        b"\x01" + macaroons.serialize(ONE)[1:],
        b"{}",
        IDENTIFIED + SIGNED,
        IDENTIFIED + b"\x00" + SIGNED + b"\x00",
        IDENTIFIED + b"\x00" + b"\x06\x1f" + bytes(31),
        IDENTIFIED + b"\x00" + b"\x06\x21" + bytes(33),
        IDENTIFIED + b"\x00" + b"\x06\x21" + bytes(32),
        IDENTIFIED + b"\x02\x01c\x04\x01v\x00\x00" + SIGNED,  # third-party caveat
        IDENTIFIED + b"\x01\x01l\x02\x01c\x00\x00" + SIGNED,  # caveat with a location
        b"\x02\x02\x01i\x01\x01l\x00\x00" + SIGNED,  # identifier before location
        b"\x02\x01\x01l\x00\x00" + SIGNED,  # no identifier
        b"\x02\x01\x01\xff\x02\x01i\x00\x00" + SIGNED,  # location that is not UTF-8
        b"\x02\x02\xff\xff\xff\xff\xff\xff\xff\xff\x7fi\x00\x00" + SIGNED,
        IDENTIFIED + b"\x02\x01c\x00" * (macaroons.MOST_CAVEATS + 1) + b"\x00" + SIGNED,
        b"\x02\x02\x80\x80\x02" + bytes(macaroons.LONGEST) + b"\x00\x00" + SIGNED,
    ],
)
def test_what_is_no_macaroon_is_refused(raw):
    with pytest.raises(BadMacaroon):
        macaroons.deserialize(raw)


def test_the_smallest_and_the_largest_macaroons_are_read():
    assert macaroons.deserialize(IDENTIFIED + b"\x00" + SIGNED) == Macaroon("", b"i", (), bytes(32))
    most = IDENTIFIED + b"\x02\x01c\x00" * macaroons.MOST_CAVEATS + b"\x00" + SIGNED
    assert macaroons.deserialize(most).caveats == (b"c",) * macaroons.MOST_CAVEATS
    long = macaroons.create("", b"i", KEY, [b"c" * 30_000])
    assert macaroons.from_token(macaroons.to_token(long)) == long


@given(locations, texts, st.lists(texts, max_size=5))
def test_what_was_written_is_read_back(location, identifier, caveats):
    made = macaroons.create(location, identifier, KEY, caveats)
    assert macaroons.deserialize(macaroons.serialize(made)) == made
    assert macaroons.verify(made, KEY) == tuple(caveats)


fields = st.builds(lambda kind, value: bytes([kind, len(value)]) + value, st.integers(0, 7), st.binary(max_size=40))


@given(
    st.binary(max_size=200)
    | st.lists(fields | st.just(b"\x00"), max_size=8).map(lambda pieces: b"\x02" + b"".join(pieces))
)
@example(b"\x02\x02")
def test_bytes_are_a_macaroon_or_refused(raw):
    with suppress(BadMacaroon):
        read = macaroons.deserialize(raw)
        assert macaroons.deserialize(macaroons.serialize(read)) == read


@given(st.data())
def test_a_macaroon_with_a_bit_flipped_is_never_taken_for_good(data):
    raw = bytearray(macaroons.serialize(ONE))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(BadMacaroon):
        read = macaroons.deserialize(bytes(raw))
        macaroons.verify(read, KEY)
        assert read.location != ONE.location, "only the location, a hint, is not signed"
        assert (read.identifier, read.caveats) == (ONE.identifier, ONE.caveats)


@given(st.text(max_size=100))
def test_any_text_is_a_token_or_refused(text):
    for token in (text, "pypi-" + text):
        with pytest.raises(BadMacaroon):
            macaroons.from_token(token)


def test_an_empty_location_that_was_written_is_read():
    other = theirs("", IDENTIFIER, KEY, [])
    assert macaroons.from_token("pypi-" + other.serialize()) == macaroons.create("", IDENTIFIER, KEY)
