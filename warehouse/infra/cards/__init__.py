"""Draws the pictures that stand for projects where somebody links to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

SIZE = (1200, 630)

_FONTS = Path(__file__).parent / "fonts"
_REGULAR, _BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
_MISSING = "\uffff"  # no font has it: what is drawn for it is drawn for whatever else is not there

# The colours of web/layout/tokens.css by day.
_SURFACE, _INK, _INK_2, _RULE = "#fcfbf9", "#1b211e", "#545e59", "#dfdcd5"
_BRAND, _ON_BRAND, _ACCENT, _ACCENT_SURFACE = "#0b6b57", "#ffffff", "#0b6b57", "#e4f1ec"

_MARGIN = 80
_WIDTH = SIZE[0] - 2 * _MARGIN
_TITLE_SIZES = (96, 84, 72, 60, 52, 44)
_LOW = 320  # below that there is less room for a summary
_LEAVES_OUT_AT_MOST = 0.1
"""Of the letters of a text; with more of them gone, the rest is no text any more."""

# components/logo.html: boxes on a shelf, on a ground of 32 by 32.
_BOXES = ((9, 5, 21, 14), (4, 15.5, 28, 17.5), (5, 19, 17, 26), (18.5, 19, 27, 26))


@dataclass(frozen=True)
class Card:
    """What a picture says: of a project and its latest release, on the index of this name at this place."""

    name: str
    version: str
    summary: str
    index: str
    place: str = ""


def drawn(card: Card) -> bytes:
    """The picture, a PNG of :data:`SIZE`. What the font has no letters for is left out."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, _SURFACE)
    draw = ImageDraw.Draw(image)
    _head(draw, card)
    below = _title(draw, card, 190)
    _summary(draw, card.summary, below + 36, most=3 if below < _LOW else 2)
    _foot(draw, card)
    written = BytesIO()
    # Flat colours with soft edges: nobody sees the difference, and it is a third of the size.
    image.quantize(64, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _head(draw: Any, card: Card) -> None:
    draw.rectangle((0, 0, SIZE[0], 12), fill=_BRAND)
    scale, left, top = 2.0, _MARGIN, 68
    draw.rounded_rectangle((left, top, left + 32 * scale, top + 32 * scale), 7 * scale, fill=_BRAND)
    for x0, y0, x1, y1 in _BOXES:
        box = (left + x0 * scale, top + y0 * scale, left + x1 * scale - 1, top + y1 * scale - 1)
        draw.rectangle(box, fill=_ON_BRAND)
    font = _font(_BOLD, 34)
    draw.text((left + 88, top + 32), _cut(font, card.index, _WIDTH - 88), font=font, fill=_INK, anchor="lm")


def _title(draw: Any, card: Card, top: int) -> int:
    """The name as large as it fits, and the version beside it or below; where that ends."""
    font = next((one for one in map(_bold, _TITLE_SIZES) if one.getlength(card.name) <= _WIDTH), _bold(44))
    name = _cut(font, card.name, _WIDTH)
    draw.text((_MARGIN, top), name, font=font, fill=_INK, anchor="lt")
    height = font.getbbox("Ag", anchor="lt")[3]
    small = _font(_REGULAR, 34)
    version = _cut(small, card.version, _WIDTH - 40)
    width = small.getlength(version) + 40
    left, middle = _MARGIN + font.getlength(name) + 32, top + height * 0.42
    below = top + height
    if left + width > SIZE[0] - _MARGIN:
        left, middle, below = _MARGIN, below + 58, below + 92
    draw.rounded_rectangle((left, middle - 30, left + width, middle + 30), 12, fill=_ACCENT_SURFACE)
    draw.text((left + 20, middle), version, font=small, fill=_ACCENT, anchor="lm")
    return int(below)


def _summary(draw: Any, text: str, top: int, *, most: int) -> None:
    font = _font(_REGULAR, 38)
    for number, line in enumerate(_lines(font, _without_missing(text), _WIDTH, most)):
        draw.text((_MARGIN, top + number * 54), line, font=font, fill=_INK_2, anchor="lt")


def _foot(draw: Any, card: Card) -> None:
    top = SIZE[1] - 106
    draw.rectangle((_MARGIN, top, SIZE[0] - _MARGIN, top + 1), fill=_RULE)
    font = _font(_REGULAR, 30)
    place = _cut(font, card.place, _WIDTH // 2)
    draw.text((SIZE[0] - _MARGIN, top + 54), place, font=font, fill=_INK_2, anchor="rm")
    command = _cut(font, f"pip install {card.name}", _WIDTH - font.getlength(place) - 40)
    draw.text((_MARGIN, top + 54), command, font=font, fill=_INK, anchor="lm")


def _lines(font: Any, text: str, width: float, most: int) -> Iterator[str]:
    """The text in lines that are not wider, an ellipsis where it does not end."""
    words = text.split()
    for number in range(most):
        if not words:
            return
        if number == most - 1:
            yield _cut(font, " ".join(words), width)
            return
        line = words.pop(0)
        while words and font.getlength(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        yield _cut(font, line, width)


def _cut(font: Any, text: str, width: float) -> str:
    text = _without_missing(text)
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[: -max(1, len(text) // 40)]
    return f"{text.rstrip()}…" if text else ""


def _without_missing(text: str) -> str:
    """The text without what the font lacks, which would be drawn as boxes; nothing when too little is left."""
    said = " ".join(text[:1000].split())
    left = "".join(character for character in said if _is_there(character))
    return " ".join(left.split()) if len(left) >= (1 - _LEAVES_OUT_AT_MOST) * len(said) else ""


@lru_cache(maxsize=4096)
def _is_there(character: str) -> bool:
    return character == " " or (character.isprintable() and _look(character) != _look(_MISSING))


class _Look(NamedTuple):
    """By which two characters are told apart."""

    width: float
    dots: bytes


def _look(character: str) -> _Look:
    font = _font(_REGULAR, 34)
    return _Look(font.getlength(character), bytes(font.getmask(character)))


def _bold(size: int) -> Any:
    return _font(_BOLD, size)


@lru_cache(maxsize=32)
def _font(name: str, size: int) -> Any:
    from PIL import ImageFont

    # Letters one after the other: laying out strangers' text in every script of the world is not for here.
    return ImageFont.truetype(str(_FONTS / name), size, layout_engine=ImageFont.Layout.BASIC)
