"""What a page says of itself to those who do not read it: search engines, and sites on which it is linked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """An image that stands for a page where it is linked: its path, what it shows, and its size in pixels."""

    path: str
    text: str
    width: int = 1200
    height: int = 630


@dataclass(frozen=True)
class Head:
    """The metadata of a page. ``title`` and ``description`` are plain text; ``canonical`` is a path.

    ``feeds`` are pairs of a title and a path.
    """

    title: str
    description: str = ""
    canonical: str = ""
    picture: Picture | None = None
    is_indexed: bool = True
    feeds: tuple[tuple[str, str], ...] = ()
