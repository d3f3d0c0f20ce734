"""Reads a call: the name of a method and its arguments.

A call needs no document type, so one that declares any is refused as soon as the declaration begins: there are no
entities to expand, and nothing to fetch from elsewhere.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

DEEPEST = 60  # elements inside one another: some fifteen lists in lists
SPACE = " \t\r\n"  # what XML calls white space

# The ones that every XML parser knows, and the name that lxml has for one of them, with which bandersnatch calls.
# Python would look for any other among its own codecs.
ENCODINGS = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii", "ascii"})

Value = Any
"""None, bool, int, float, str, bytes (base64), DateTime, or a list or a dict of these."""


class DateTime(str):
    """A time as it was written, so that it is not mistaken for a text."""

    __slots__ = ()


class Unreadable(ValueError):
    """The bytes are not a call; the text says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is called, with which arguments."""

    method: str
    arguments: tuple[Value, ...]


def read_call(body: bytes) -> Call:
    """The call in ``body``, which must be short enough for memory. Refuses with :class:`Unreadable`.

    Of the types, those of the specification are known, and besides ``nil`` and ``i8``.
    """
    root = _Document().read(body)
    if root.tag != "methodCall":
        raise Unreadable("the document is no methodCall")
    _only_elements(root)
    tags = [child.tag for child in root.children]
    if tags not in (["methodName"], ["methodName", "params"]):
        raise Unreadable("a methodCall holds a methodName and params")
    method = _text(root.children[0]).strip(SPACE)
    if not method:
        raise Unreadable("the methodName is empty")
    return Call(method, tuple(_argument(param) for params in root.children[1:] for param in _all(params, "param")))


@dataclass(slots=True)
class _Element:
    tag: str
    children: list[_Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class _Document:
    """Makes a tree of a document that is nothing but elements and text."""

    def __init__(self) -> None:
        self._open: list[_Element] = [_Element("")]
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def read(self, body: bytes) -> _Element:
        """The root. An exception in a handler ends the parsing there and then."""
        try:
            self._parser.Parse(body, True)
        except expat.ExpatError as error:
            raise Unreadable(str(error)) from error
        return self._open[0].children[0]

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise Unreadable("the encoding is unknown; write UTF-8")

    def _document_type(self, *declared: object) -> None:
        raise Unreadable("a call needs no document type")

    def _start(self, tag: str, attributes: object) -> None:
        if len(self._open) > DEEPEST:
            raise Unreadable("the elements are nested too deeply")
        element = _Element(tag)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].texts.append(text)


def _argument(param: _Element) -> Value:
    values = list(_all(param, "value"))
    if len(values) != 1:
        raise Unreadable("a param holds one value")
    return _value(values[0])


def _value(element: _Element) -> Value:
    """The type is string where none is named."""
    if not element.children:
        return _text(element)
    _only_elements(element)
    typed = element.children[0]
    read = _TYPES.get(typed.tag)
    if read is None or len(element.children) > 1:
        raise Unreadable("a value holds one element, which names a type")
    return read(typed)


def _text(element: _Element) -> str:
    if element.children:
        raise Unreadable(f"{element.tag} holds text")
    return "".join(element.texts)


def _only_elements(element: _Element) -> None:
    if "".join(element.texts).strip(SPACE):
        raise Unreadable(f"{element.tag} holds no text")


def _all(element: _Element, tag: str) -> Iterator[_Element]:
    """The children, all of which must be such."""
    _only_elements(element)
    for child in element.children:
        if child.tag != tag:
            raise Unreadable(f"{element.tag} holds nothing but {tag}")
        yield child


def _written(form: str, read: Callable[[str], Value]) -> Callable[[_Element], Value]:
    """A type whose text looks like ``form``; white space around it does not count."""
    pattern = re.compile(form, re.ASCII)

    def parse(element: _Element) -> Value:
        text = _text(element).strip(SPACE)
        if pattern.fullmatch(text) is None:
            raise Unreadable(f"this is no {element.tag}")
        return read(text)

    return parse


def _nil(element: _Element) -> None:
    if _text(element).strip(SPACE):
        raise Unreadable("nil holds nothing")


def _base64(element: _Element) -> bytes:
    try:
        return binascii.a2b_base64(_text(element).encode("ascii"))
    except ValueError as error:
        raise Unreadable("this is no base64") from error


def _array(element: _Element) -> list[Value]:
    data = list(_all(element, "data"))
    if len(data) != 1:
        raise Unreadable("an array holds one data")
    return [_value(value) for value in _all(data[0], "value")]


def _struct(element: _Element) -> dict[str, Value]:
    struct = {}
    for member in _all(element, "member"):
        _only_elements(member)
        if [child.tag for child in member.children] != ["name", "value"]:
            raise Unreadable("a member holds a name and a value")
        name, value = member.children
        struct[_text(name)] = _value(value)
    return struct


# Numbers of any size: what is too large for an answer is for the method to say.
_integer = _written(r"[+-]?[0-9]{1,40}", int)

_TYPES: dict[str, Callable[[_Element], Value]] = {
    **dict.fromkeys(("int", "i4", "i8"), _integer),
    "boolean": _written("[01]", "1".__eq__),
    "double": _written(r"[+-]?([0-9]{1,40}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][+-]?[0-9]{1,4})?", float),
    "string": _text,
    "dateTime.iso8601": _written(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9]{2}:?[0-9]{2}:?[0-9]{2}", DateTime),
    "base64": _base64,
    "array": _array,
    "struct": _struct,
    "nil": _nil,
    "ex:nil": _nil,
}
