"""The questions that are answered in a process of their own, and for how long an answer is waited for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from warehouse.infra.apart import Answer, Apart
from warehouse.settings.contents import Contents

MODULE = "warehouse.operations.contents.child"
MEMORY = 1024**3  # bytes of address space
PAGE_TIME = 3.0  # seconds that somebody waits for colours, or for what changed
PAGE_WAIT = 2.0  # seconds that they wait for those before them
CROWD = 3  # who waits at the same time in one process; others are told to come again
COUNT_TIME = 2.0  # seconds for the numbers of one member
KEPT = 16 * 1024**2  # bytes of what pages showed lately that a process keeps, of colours and of comparisons each
EACH = 200  # bytes that any one thing takes
LATER = 5.0  # seconds beyond the settings' limit, in which a child says itself that it took too long

T = TypeVar("T")

# Apart from each other: what is unpacked takes a minute, and a page waits for nothing of it.
_unpacking = Apart(MODULE, memory=MEMORY, waiting=0.1)
_showing = Apart(MODULE, memory=MEMORY, waiting=PAGE_WAIT, crowd=CROWD)


class Row(NamedTuple):
    """A line of a comparison: ``sign`` is a blank, "+" or "-"; ``html`` is safe."""

    sign: str
    old: int | None
    new: int | None
    html: str


class Hunk(NamedTuple):
    """Lines that are shown together, and how many that did not change are left out before them."""

    skipped: int
    rows: tuple[Row, ...]


class Differences(NamedTuple):
    """What changed between two texts; ``skipped`` lines follow the last hunk, ``is_cut`` when there is more."""

    added: int
    removed: int
    hunks: tuple[Hunk, ...]
    skipped: int
    is_cut: bool


def unpack(path: Path, filename: str, settings: Contents) -> Answer | None:
    """What `child.unpack` finds; None when it takes too long or too much memory.

    Refuses with :class:`Unavailable` while another file is being unpacked.
    """
    seconds = settings.time_limit.total_seconds()
    question = {
        "task": "unpack",
        "path": str(path),
        "filename": filename,
        "members": settings.max_members,
        "unpacked": settings.max_unpacked,
        "text": settings.max_text,
        "texts": settings.max_texts,
        "seconds": seconds,
    }
    return _unpacking.ask(question, time_limit=seconds + LATER)


def count(old: str, new: str) -> tuple[int, int] | None:
    """How many lines were added and removed; None when that is not to be had in time."""
    said = _showing.ask({"task": "count", "old": old, "new": new}, time_limit=COUNT_TIME)
    return (said[0]["added"], said[0]["removed"]) if said is not None else None


def colour(digest: bytes, text: Callable[[], str], path: str) -> list[str] | None:
    """The lines as safe HTML; None when that is not to be had in time. ``digest`` tells texts apart."""
    return _colours.get((digest, path), lambda: _coloured(text(), path))


def compare(old: bytes, new: bytes, texts: Callable[[], tuple[str, str]], path: str) -> Differences | None:
    """What changed from one text to the other, told apart by their digests; None when it is not to be had in time."""
    return _comparisons.get((old, new, path), lambda: _compared(*texts(), path))


def _coloured(text: str, path: str) -> list[str] | None:
    said = _showing.ask({"task": "colour", "text": text, "path": path}, time_limit=PAGE_TIME)
    return said[0]["lines"] if said is not None else None


def _compared(old: str, new: str, path: str) -> Differences | None:
    said = _showing.ask({"task": "compare", "old": old, "new": new, "path": path}, time_limit=PAGE_TIME)
    if said is None:
        return None
    values: dict[str, Any] = said[0]
    hunks = tuple(Hunk(one["skipped"], tuple(Row(*row) for row in one["rows"])) for one in values.pop("hunks"))
    return Differences(hunks=hunks, **values)


def _weight(found: Differences | None) -> int:
    return sum(len(row.html) + EACH for hunk in found.hunks for row in hunk.rows) if found is not None else 0


class _Kept:
    """What was made lately, also that it took too long, so that nobody can ask for that again and again.

    ``weigh`` says about how many bytes something takes; all together take ``capacity``.
    """

    def __init__(self, weigh: Callable[[Any], int], capacity: int = KEPT) -> None:
        self._weigh = weigh
        self._left = capacity
        self._lock = threading.Lock()
        self._made: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """What was made for this key, or is made now."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key][0]
        made = make()
        weight = self._weigh(made) + EACH
        with self._lock:
            if key not in self._made:
                self._made[key] = made, weight
                self._left -= weight
            while self._left < 0:
                _, (_, weight) = self._made.popitem(last=False)
                self._left += weight
        return made


_colours = _Kept(lambda lines: sum(map(len, lines or ())))
_comparisons = _Kept(_weight)
