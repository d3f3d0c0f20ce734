"""What arguments a method takes. Nothing is converted: a boolean is no number, and a number is no string."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from warehouse.standards.xmlrpc import Value


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of argument, and what it is called."""

    fits: Callable[[Value], bool]
    name: str


def _is_text(value: Value) -> bool:
    return type(value) is str


def _is_search(value: Value) -> bool:
    return isinstance(value, dict) and all(_is_text(each) or _is_texts(each) for each in value.values())


def _is_texts(value: Value) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


ANYTHING = Kind(lambda value: True, "anything")
BOOLEAN = Kind(lambda value: type(value) is bool, "a boolean")
NUMBER = Kind(lambda value: type(value) is int, "an int")
NUMBER_OR_NIL = Kind(lambda value: value is None or type(value) is int, "an int or nil")
SEARCH = Kind(_is_search, "a struct of strings and arrays of strings")
TEXT = Kind(_is_text, "a string")
TEXTS = Kind(_is_texts, "an array of strings")

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a method takes."""

    name: str
    kind: Kind
    is_optional: bool = False


def problems(parameters: Sequence[Parameter], arguments: Sequence[Value]) -> Iterator[str]:
    """What is wrong with each argument, by the parameter's name or, without one, by its position."""
    for position, (parameter, argument) in enumerate(zip_longest(parameters, arguments, fillvalue=_NOTHING)):
        if not isinstance(parameter, Parameter):
            yield f"{position}: leave it out, the method takes {len(parameters)}"
        elif argument is _NOTHING:
            if not parameter.is_optional:
                yield f"{parameter.name}: it is missing, send {parameter.kind.name}"
        elif not parameter.kind.fits(argument):
            yield f"{parameter.name}: send {parameter.kind.name}"
