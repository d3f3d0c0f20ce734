"""Writes what a call returns, or its fault, as ASCII that any XML parser reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Union
from xml.sax.saxutils import escape

Returned = Union[None, int, str, "Sequence[Returned]"]

# XML 1.0, 2.2: "any Unicode character, excluding the surrogate blocks, FFFE, and FFFF", and hardly any controls.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HEAD = "<?xml version='1.0'?>\n<methodResponse>"
_TAIL = "</methodResponse>\n"
_BEFORE, _AFTER = f"{_HEAD}<params><param><value>", f"</value></param></params>{_TAIL}"

# What stands before and after the elements of a list, or the members of a struct, that are sent as they come.
LIST = (f"{_BEFORE}<array><data>".encode(), f"</data></array>{_AFTER}".encode())
STRUCT = (f"{_BEFORE}<struct>".encode(), f"</struct>{_AFTER}".encode())


def response(value: Returned) -> bytes:
    """A whole answer that returns ``value``."""
    return f"{_BEFORE}{_written(value)}{_AFTER}".encode()


def fault(code: int, text: str) -> bytes:
    """A whole answer that tells of a fault."""
    members = member("faultCode", code) + member("faultString", text)
    return f"{_HEAD}<fault><value><struct>{members}</struct></value></fault>{_TAIL}".encode()


def element(value: Returned) -> str:
    """One element of a :data:`LIST`."""
    return f"<value>{_written(value)}</value>"


def member(name: str, value: Returned) -> str:
    """One member of a :data:`STRUCT`."""
    return f"<member><name>{_clean(name)}</name>{element(value)}</member>"


def _written(value: Returned) -> str:
    match value:
        case None:
            return "<nil/>"
        case int():
            # "Four-byte signed integer": there is no larger one that all clients know, and none that minds its size.
            return f"<int>{value}</int>"
        case str():
            return f"<string>{_clean(value)}</string>"
    return f"<array><data>{''.join(map(element, value))}</data></array>"


def _clean(text: str) -> str:
    """The text without what XML cannot hold; what is not ASCII as character references."""
    if not text.isascii() or not text.isprintable():
        text = _ILLEGAL.sub("", text)
    return escape(text).encode("ascii", "xmlcharrefreplace").decode()
