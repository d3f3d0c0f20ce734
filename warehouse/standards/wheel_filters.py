"""Finding the wheel that one wants among many, by the tags in their names (PEP 425)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class WheelTags(NamedTuple):
    """The tags of wheels, as their names have them; of compressed sets each one."""

    interpreters: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]


class WheelFilter(NamedTuple):
    """What is asked of wheels; an empty text lets all of them in. Each is looked for anywhere in what it is about."""

    filename: str = ""
    interpreters: str = ""
    abis: str = ""
    platforms: str = ""

    def lets_in(self, filename: str, tags: WheelTags) -> bool:
        """Whether a wheel has everything that is asked for."""
        return self.filename.lower() in filename.lower() and all(
            wanted in ".".join(there) for wanted, there in zip(self[1:], tags, strict=True)
        )


EVERY_WHEEL = WheelFilter()


def tags_of_wheel(filename: str) -> WheelTags:
    """The tags in a wheel's name; none in a name that has none."""
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return WheelTags((), (), ())
    return WheelTags(*(tuple(part.split(".")) for part in parts[-3:]))


def choices_of(wheels: Iterable[WheelTags]) -> WheelTags:
    """All tags that these wheels have, to choose from."""
    columns = list(zip(*wheels, strict=True)) or [(), (), ()]
    return WheelTags(*(tuple(sorted({tag for tags in column for tag in tags})) for column in columns))
