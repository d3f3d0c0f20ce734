"""Sentences for the next page: carried by the visitor's own browser in a signed cookie, so that anybody can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from itsdangerous import BadData
from pyramid.response import Response

from warehouse.operations.links import Purpose, lifetime_of, sign, unsign

COOKIE = "flashes"
MOST = 5

Tone = Literal["success", "warning", "error"]
TONES: tuple[Tone, ...] = ("success", "warning", "error")


@dataclass(frozen=True)
class Flash:
    """One sentence, and how it is meant. Where there is a ``path``, it leads to that page of ours."""

    tone: Tone
    text: str
    path: str = ""


def read_flashes(request: Any) -> tuple[Flash, ...]:
    """What the browser brings along; nothing when somebody else wrote it."""
    text = request.cookies.get(COOKIE)
    if not text:
        return ()
    try:
        said = unsign(request.tools.secret, Purpose.FLASH, text, lifetime_of(request.settings, Purpose.FLASH))
    except BadData:
        return ()
    flashes = (said[number].split("\n", 2) for number in sorted(said))
    return tuple(Flash(_tone(tone), text, path) for tone, path, text in flashes)


def carry_flashes(request: Any, response: Response, flashes: Sequence[Flash], *, were_read: bool) -> None:
    """Give the browser what was not said yet, and take away what was."""
    if flashes:
        if not were_read:  # the browser is led on once more, and still has some to say
            flashes = (*read_flashes(request), *flashes)
        said = {
            str(number): "\n".join((flash.tone, flash.path, flash.text)) for number, flash in enumerate(flashes[-MOST:])
        }
        response.set_cookie(
            COOKIE,
            sign(request.tools.secret, Purpose.FLASH, **said),
            max_age=int(lifetime_of(request.settings, Purpose.FLASH).total_seconds()),
            httponly=False,  # a script sees by it that a page which is the same for everybody has something to add
            samesite="Lax",
            secure=request.scheme == "https",
        )
    elif were_read and COOKIE in request.cookies:
        response.delete_cookie(COOKIE)


def _tone(said: str) -> Tone:
    return next((tone for tone in TONES if tone == said), "error")
