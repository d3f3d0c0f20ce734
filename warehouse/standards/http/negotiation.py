"""Which representation and which encoding a client gets (RFC 9110 section 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl

# Headers are a stranger's input: few are remembered, and none that is long.
_MOST_REMEMBERED = 512
_LONGEST_REMEMBERED = 512  # characters; what installers send has about 120, browsers about 150

# Headers are read on the event loop: of one that goes on and on, only the beginning counts.
_MOST_ELEMENTS = 32
_LONGEST_ELEMENT = 256  # characters

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ELEMENT = re.compile(rf"[ \t]*(?P<name>{_TOKEN}(?:/{_TOKEN})?)[ \t]*(?P<parameters>;.*)?")
_QUALITY = re.compile(r"[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*")


Encoding = Literal["zstd", "gzip", "identity"]
ENCODINGS: tuple[Encoding, ...] = ("zstd", "gzip", "identity")
"""What a body can be sent in, in the order in which ties are decided: zstd is quicker to read and a seventh smaller."""


class BadFormat(ValueError):
    """``?format=`` does not name exactly one representation that there is. The text tells which there are."""


class Representation(Enum):
    """A form of the Simple API, in the order in which ties are decided; the value is its media type."""

    HTML = "text/html"
    V1_HTML = "application/vnd.pypi.simple.v1+html"
    V1_JSON = "application/vnd.pypi.simple.v1+json"

    # By identity, which is enough and takes no call: a representation is part of every page's key.
    __hash__ = object.__hash__

    @property
    def content_type(self) -> str:
        """The header's value: the version a client gets, never ``latest``."""
        return "text/html; charset=UTF-8" if self is Representation.HTML else self.value

    @property
    def form(self) -> Literal["html", "json"]:
        """Which bytes: both HTML types get the same."""
        return "json" if self is Representation.V1_JSON else "html"


_REPRESENTATIONS = {
    **{representation.value: representation for representation in Representation},
    "application/vnd.pypi.simple.latest+html": Representation.V1_HTML,
    "application/vnd.pypi.simple.latest+json": Representation.V1_JSON,
}


def simple_representation(accept: str | None, query: str = "") -> Representation:
    """The representation of a Simple page for an ``Accept`` header and a raw query string.

    The best quality wins, ties go to the order of `Representation`. No header, or nothing acceptable: HTML, which is
    what people in a browser and the oldest installers read; never a refusal. ``?format=`` comes before the header
    (PEP 691), and refuses with BadFormat what is not exactly one of the five names: answer 400.
    """
    if "format" in query and (formats := _formats(query)):
        if len(formats) > 1 or (chosen := _REPRESENTATIONS.get(formats[0])) is None:
            raise BadFormat(f"Ask for one format, which is one of: {', '.join(sorted(_REPRESENTATIONS))}.")
        return chosen
    if accept is None:
        return Representation.HTML
    return _remembered_best(accept) if len(accept) <= _LONGEST_REMEMBERED else _best(accept)


def preferred(accept: str | None, offers: Sequence[str]) -> str | None:
    """The offer with the best quality, the earliest of equals; None when the header takes none of them.

    Without a header everything is welcome. RFC 9110: "Media ranges can be overridden by more specific media ranges".
    """
    if not accept:
        return offers[0]
    wanted = dict(_elements(accept))
    qualities = []
    for offer in offers:
        ranges = (offer, offer.partition("/")[0] + "/*", "*/*")
        qualities.append(next((wanted[name] for name in ranges if name in wanted), 0.0))
    best = max(qualities)
    return offers[qualities.index(best)] if best > 0 else None


def accepted_encoding(accept_encoding: str | None, among: tuple[Encoding, ...] = ENCODINGS) -> Encoding:
    """The encoding that the client likes best; ties go to the order of ``among``, which ends with ``identity``.

    A client that says nothing of ``identity`` prefers whatever else it takes. ``*`` stands for gzip and not for zstd:
    whoever reads anything at all reads that.
    """
    if accept_encoding is None:
        return "identity"
    if len(accept_encoding) <= _LONGEST_REMEMBERED:
        return _remembered_encoding(accept_encoding, among)
    return _encoding(accept_encoding, among)


def accepted_language(accept_language: str, among: tuple[str, ...]) -> str:
    """The tag among these that the client likes best, the first of them when it takes none.

    RFC 4647, 3.4 (lookup): each range is tried, then what is left of it without its last part.
    """
    if len(accept_language) <= _LONGEST_REMEMBERED:
        return _remembered_language(accept_language, among)
    return _language(accept_language, among)


def _language(accept_language: str, among: tuple[str, ...]) -> str:
    by_name = {tag.lower(): tag for tag in among}
    for name, quality in sorted(_elements(accept_language), key=lambda element: -element[1]):
        wanted = name.lower()
        while quality > 0 and wanted:
            if wanted in by_name:
                return by_name[wanted]
            wanted = wanted.rpartition("-")[0]
    return among[0]


def _formats(query: str) -> list[str]:
    # A plus sign is a space in a query. Nobody writes %2B here, so the space is taken for the plus that was meant.
    values = [value for key, value in parse_qsl(query, keep_blank_values=True) if key == "format"]
    return [value.strip().replace(" ", "+").lower() for value in values]


def _best(accept: str) -> Representation:
    # Per representation: how exactly the header named it, and the quality it gave it. RFC 9110: "Media ranges can be
    # overridden by more specific media ranges". Parameters other than the quality are ignored.
    wanted = dict.fromkeys(Representation, (0, 0.0))
    for name, quality in _elements(accept):
        for representation in Representation:
            if exactness := _exactness(name, representation):
                wanted[representation] = max(wanted[representation], (exactness, quality))
    return max(wanted, key=lambda representation: wanted[representation][1])


def _exactness(name: str, representation: Representation) -> int:
    if _REPRESENTATIONS.get(name) is representation:
        return 3
    if name == representation.value.partition("/")[0] + "/*":
        return 2
    return 1 if name == "*/*" else 0


def _encoding(accept_encoding: str, among: tuple[Encoding, ...]) -> Encoding:
    said = dict(_elements(accept_encoding))
    gzip = said.get("gzip", said.get("x-gzip", said.get("*", 0.0)))
    wanted = {"zstd": said.get("zstd", 0.0), "gzip": gzip, "identity": said.get("identity", 0.0)}
    best = max(among, key=lambda encoding: wanted[encoding])
    return best if wanted[best] > 0 else "identity"


def _elements(header: str) -> Iterator[tuple[str, float]]:
    """Names in lower case with their qualities; an element that is malformed or overlong is passed over."""
    for element in header.split(",", _MOST_ELEMENTS)[:_MOST_ELEMENTS]:
        found = _ELEMENT.fullmatch(element) if len(element) <= _LONGEST_ELEMENT else None
        if found is None:
            continue
        quality = 1.0
        for parameter in (found["parameters"] or "").split(";"):
            if parameter.strip()[:2].lower() == "q=":
                read = _QUALITY.fullmatch(parameter)
                quality = float(read[1]) if read else -1.0
        if quality >= 0:
            yield found["name"].lower(), quality


_remembered_best = lru_cache(_MOST_REMEMBERED)(_best)
_remembered_encoding = lru_cache(_MOST_REMEMBERED)(_encoding)
_remembered_language = lru_cache(_MOST_REMEMBERED)(_language)
