"""Long texts of pages: a file for each language beside the page, plain HTML but for what differs between indexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from warehouse.web.language import spoken

FOLDER = Path(__file__).parent
USUAL = "en"
"""The language of which there is a text for every page."""

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>')


@dataclass(frozen=True)
class Chapter:
    """A heading of the second level, and those of the third below it, each with its id."""

    id: str
    title: Markup
    parts: Sequence[tuple[str, Markup]]


@dataclass(frozen=True)
class Text:
    """A text: its template, the language in which it is written, and what its headings lead to."""

    template: str
    language: str
    chapters: Sequence[Chapter]


def text_in(folder: str) -> Text:
    """The text of the page in this folder, in the language that is spoken now or else in the usual one."""
    return _text(folder, spoken() if (FOLDER / folder / f"{spoken()}.html").is_file() else USUAL)


@lru_cache(maxsize=64)
def _text(folder: str, language: str) -> Text:
    template = f"{folder}/{language}.html"
    chapters: list[tuple[str, str, list[tuple[str, Markup]]]] = []
    for level, name, title in _HEADING.findall((FOLDER / template).read_text(encoding="utf-8")):
        if level == "2":
            chapters.append((name, title, []))
        else:
            chapters[-1][2].append((name, Markup(title)))
    return Text(template, language, [Chapter(name, Markup(title), parts) for name, title, parts in chapters])
