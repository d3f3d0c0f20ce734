"""The language in which a page is written: chosen for each request, spoken by everything that is called meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from warehouse.infra.catalogues import OURS, catalogue, languages
from warehouse.standards.http.negotiation import accepted_language
from warehouse.web.security.cookies import LANGUAGE

_COOKIE = re.compile(rf"(?:^|;\s*){LANGUAGE}=([A-Za-z0-9-]{{1,35}})(?:;|$)")
_spoken: ContextVar[str] = ContextVar("spoken", default=OURS)


@dataclass(frozen=True)
class Language:
    """A language as pages name it: RFC 5646 tag, its name in itself, and where its lines begin."""

    tag: str
    name: str
    direction: str = "ltr"


def chosen_language(cookies: str | None, accept_language: str | None) -> str:
    """The tag of the language for whoever sends these header fields: the cookie's, else the best of those accepted."""
    found = _COOKIE.search(cookies) if cookies and LANGUAGE in cookies else None
    if found is not None and found[1] in offered():
        return found[1]
    return accepted_language(accept_language, offered()) if accept_language else OURS


@lru_cache(maxsize=1)
def offered() -> tuple[str, ...]:
    """The tags of the languages that there are, ours first."""
    return languages()


@lru_cache(maxsize=64)
def language(tag: str) -> Language:
    """What pages say of a language."""
    from babel import Locale

    locale = Locale.parse(tag, sep="-")
    return Language(tag, (locale.get_display_name() or tag).capitalize(), locale.text_direction)


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Write everything in this language meanwhile."""
    token = _spoken.set(tag)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The tag of the language that is spoken now."""
    return _spoken.get()


def gettext(text: str) -> str:
    """The text in the language that is spoken now."""
    return catalogue(_spoken.get()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The text for so many, in the language that is spoken now."""
    return catalogue(_spoken.get()).ngettext(one, many, number)


def pgettext(context: str, text: str) -> str:
    """The text as it is meant in this context, in the language that is spoken now."""
    return catalogue(_spoken.get()).pgettext(context, text)


def npgettext(context: str, one: str, many: str, number: int) -> str:
    """The text for so many as it is meant in this context, in the language that is spoken now."""
    return catalogue(_spoken.get()).npgettext(context, one, many, number)


_ = gettext


def translated(sentence: object) -> str:
    """A sentence that something below the site has said, as far as there are words for it; never markup."""
    return gettext(str(sentence)) if sentence else ""


class Lazy:
    """A text that is translated when it is shown: for what is written down before anybody asks."""

    def __init__(self, text: str) -> None:
        self._told = partial(gettext, text)

    def __str__(self) -> str:
        return self._told()

    def __eq__(self, other: Any) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self._told.args)


lazy = Lazy
"""Marks a text at module level, ``lazy("Projects")``."""
