"""The little markup of mail texts: paragraphs, links and blocks of code, as plain text and as HTML.

Blocks are parted by empty lines. A line that is only an address, or ``[what is there]`` and an address, is a link that
HTML shows as a button; lines that begin with four spaces are code; everything else is a paragraph.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 76
"""Characters of a line of plain text: the longest that mail programs still quote well."""

_LINK = re.compile(r"(?:\[(?P<label>[^\[\]]+)\] )?(?P<url>https?://\S+)")
_INDENT = "    "

_PARAGRAPH = "margin:0 0 16px"
_CODE = (
    "margin:0 0 16px;padding:12px 16px;border-radius:6px;background:rgba(127,127,127,.16);white-space:pre-wrap;"
    "overflow-wrap:anywhere;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px"
)
_BUTTON = (
    "display:inline-block;padding:10px 20px;border-radius:6px;background:#0b6b57;color:#ffffff;font-weight:600;"
    "text-decoration:none"
)
_SMALL = "margin:0 0 16px;font-size:13px;opacity:.75;overflow-wrap:anywhere"


@dataclass(frozen=True)
class Paragraph:
    """Words."""

    words: str


@dataclass(frozen=True)
class Link:
    """The one thing to do. ``label`` is empty where the address stands alone."""

    label: str
    url: str


@dataclass(frozen=True)
class Code:
    """Lines to be read as they are."""

    lines: tuple[str, ...]


Block = Paragraph | Link | Code


def parse(text: str) -> list[Block]:
    """The blocks of a text."""
    return [_block(lines) for lines in _parted(text)]


def plain(blocks: list[Block]) -> str:
    """The text for programs that show no HTML, wrapped, addresses on lines of their own."""
    return "\n\n".join(_plain(block) for block in blocks) + "\n"


def as_html(blocks: list[Block]) -> str:
    """The text as a piece of HTML with inline styles. It names no colour that one of a light or a dark page hides."""
    return "\n".join(_html(block) for block in blocks)


def _parted(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line.rstrip())
        elif lines:
            yield lines
            lines = []


def _block(lines: list[str]) -> Block:
    if all(line.startswith(_INDENT) for line in lines):
        return Code(tuple(line.removeprefix(_INDENT) for line in lines))
    words = " ".join(line.strip() for line in lines)
    if found := _LINK.fullmatch(words):
        return Link(found["label"] or "", found["url"])
    return Paragraph(words)


def _plain(block: Block) -> str:
    match block:
        case Link(label, url):
            return f"{label}:\n{url}" if label else url
        case Code(lines):
            return "\n".join(_INDENT + line for line in lines)
        case Paragraph(words):
            return textwrap.fill(words, WIDTH, break_long_words=False, break_on_hyphens=False)


def _html(block: Block) -> str:
    match block:
        case Link(label, url):
            href = html.escape(url)
            shown = f'<p style="{_PARAGRAPH}"><a href="{href}" style="{_BUTTON}">{html.escape(label or url)}</a></p>'
            return f'{shown}\n<p style="{_SMALL}">{href}</p>' if label else shown
        case Code(lines):
            return f'<pre style="{_CODE}">{html.escape(chr(10).join(lines))}</pre>'
        case Paragraph(words):
            return f'<p style="{_PARAGRAPH}">{html.escape(words)}</p>'
