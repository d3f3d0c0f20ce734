"""Macaroons in the v2 binary format of libmacaroons: tokens whose holder can narrow but never widen them.

Only first-party caveats: nothing of ours delegates to a third party, and a token that does is refused.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

PREFIX = "pypi-"

#: No server lets a longer header in; a publisher's token naming hundreds of projects stays below it.
LONGEST = 32 * 1024  # bytes
MOST_CAVEATS = 128

_VERSION = 2
_SIGNATURE_SIZE = 32
_END, _LOCATION, _IDENTIFIER, _SIGNATURE = 0, 1, 2, 6
_KEY_GENERATOR = b"macaroons-key-generator"
_TEXT = re.compile(r"[A-Za-z0-9_-]+={0,2}")


class BadMacaroon(ValueError):
    """This is no macaroon, or not one that we take. The text never quotes it: it may be a secret."""


class BadSignature(BadMacaroon):
    """The macaroon was not made with this key, or its caveats were changed."""


@dataclass(frozen=True, slots=True)
class Macaroon:
    """A token: whoever bears it may act as ``identifier`` says, as far as every one of ``caveats`` holds.

    Says nothing about its worth until `verify` has been asked. Not shown by ``repr``: the signature is the secret.
    """

    location: str
    identifier: bytes
    caveats: tuple[bytes, ...]
    signature: bytes

    def __repr__(self) -> str:
        return f"<Macaroon {self.identifier!r}>"

    def narrowed(self, *caveats: bytes) -> Macaroon:
        """This macaroon with more caveats at the end. Needs no key: every bearer can do it."""
        signature = self.signature
        for caveat in caveats:
            signature = _sign(signature, caveat)
        return Macaroon(self.location, self.identifier, self.caveats + caveats, signature)


def create(location: str, identifier: bytes, key: bytes, caveats: Iterable[bytes] = ()) -> Macaroon:
    """A new macaroon signed with ``key``, which is kept with the identifier and shown to nobody."""
    return Macaroon(location, identifier, (), _sign(_derived(key), identifier)).narrowed(*caveats)


def verify(macaroon: Macaroon, key: bytes, stored: Iterable[bytes] = ()) -> tuple[bytes, ...]:
    """The caveats that have to hold: those presented, then those ``stored`` with the token since it was made.

    Refuses with BadSignature unless the presented ones were signed from ``key`` on; compares in constant time.
    """
    expected = create(macaroon.location, macaroon.identifier, key, macaroon.caveats)
    if not hmac.compare_digest(expected.signature, macaroon.signature):
        raise BadSignature("The signature does not match.")
    return (*macaroon.caveats, *stored)


def serialize(macaroon: Macaroon) -> bytes:
    """The v2 binary form."""
    pieces = [bytes([_VERSION])]
    if macaroon.location:
        pieces.append(_field(_LOCATION, macaroon.location.encode()))
    pieces += (_field(_IDENTIFIER, macaroon.identifier), bytes([_END]))
    for caveat in macaroon.caveats:
        pieces += (_field(_IDENTIFIER, caveat), bytes([_END]))
    pieces += (bytes([_END]), _field(_SIGNATURE, macaroon.signature))
    return b"".join(pieces)


def deserialize(raw: bytes) -> Macaroon:
    """Read the v2 binary form. Refuses everything else, and what is longer than LONGEST, with BadMacaroon."""
    if len(raw) > LONGEST:
        raise BadMacaroon("The macaroon is too long.")
    if raw[:1] != bytes([_VERSION]):
        raise BadMacaroon("This is no macaroon of version 2.")
    reader = _Reader(raw, at=1)
    location = reader.field(_LOCATION) if reader.peek() == _LOCATION else b""
    identifier = reader.field(_IDENTIFIER)
    reader.end()
    caveats: list[bytes] = []
    while reader.peek() != _END:
        if len(caveats) == MOST_CAVEATS:
            raise BadMacaroon("The macaroon has too many caveats.")
        caveats.append(reader.field(_IDENTIFIER))
        reader.end()  # refuses the verification id that a third-party caveat has here
    reader.end()
    signature = reader.field(_SIGNATURE)
    if len(signature) != _SIGNATURE_SIZE or reader.at != len(raw):
        raise BadMacaroon("The macaroon does not end with its signature.")
    try:
        return Macaroon(location.decode(), identifier, tuple(caveats), signature)
    except UnicodeDecodeError:
        raise BadMacaroon("The location of the macaroon is not UTF-8.") from None


def to_token(macaroon: Macaroon) -> str:
    """The text people paste: ``pypi-`` and URL-safe base64 without padding, which scanners for leaked tokens know."""
    return PREFIX + base64.urlsafe_b64encode(serialize(macaroon)).decode().rstrip("=")


def from_token(text: str) -> Macaroon:
    """Read what `to_token` wrote, with or without padding. Refuses all else with BadMacaroon."""
    encoded = text.removeprefix(PREFIX)
    if encoded == text or len(encoded) > LONGEST * 4 // 3 + 4 or not _TEXT.fullmatch(encoded):
        raise BadMacaroon("This is no API token.")
    encoded = encoded.rstrip("=")
    if len(encoded) % 4 == 1:
        raise BadMacaroon("The API token is cut short.")
    return deserialize(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def _derived(key: bytes) -> bytes:
    return _sign(_KEY_GENERATOR, key)


def _sign(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, sha256)


def _field(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    """Seven bits to a byte, the lowest first; the highest bit says that more follow."""
    pieces = bytearray()
    while number > 0x7F:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    pieces.append(number)
    return bytes(pieces)


class _Reader:
    """Reads the fields of a macaroon, and raises BadMacaroon where they are not as expected."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw = raw
        self.at = at

    def peek(self) -> int:
        if self.at >= len(self.raw):
            raise BadMacaroon("The macaroon is cut short.")
        return self.raw[self.at]

    def end(self) -> None:
        self._expect(_END)

    def field(self, kind: int) -> bytes:
        self._expect(kind)
        size = self._size()
        value = self.raw[self.at : self.at + size]
        if len(value) != size:
            raise BadMacaroon("The macaroon is cut short.")
        self.at += size
        return value

    def _expect(self, kind: int) -> None:
        if self.peek() != kind:
            raise BadMacaroon("The macaroon has an unexpected field.")
        self.at += 1

    def _size(self) -> int:
        size = 0
        for shift in (0, 7, 14):  # three bytes reach far beyond LONGEST
            byte = self.peek()
            self.at += 1
            size |= (byte & 0x7F) << shift
            if byte <= 0x7F:
                return size
        raise BadMacaroon("The macaroon is too long.")
