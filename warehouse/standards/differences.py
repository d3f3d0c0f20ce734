"""What changed between two texts, line by line, in a time that hostile texts do not make long."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

CONTEXT = 3  # unchanged lines around a change that are shown
MOST_PAIRS = 250_000  # pairs of lines, beyond which a piece without landmarks counts as replaced

_WORD = re.compile(r"\w+|\s+|.")


class Block(NamedTuple):
    """Lines of the old text that became lines of the new one: ``old[a:b]``, ``new[c:d]``."""

    is_same: bool
    a: int
    b: int
    c: int
    d: int


class Hunk(NamedTuple):
    """Blocks that are shown together; ``skipped`` is the number of unchanged lines left out before them."""

    skipped: int
    blocks: tuple[Block, ...]


def blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """All lines of both, in order; neighbouring blocks differ in whether they are the same.

    Lines that are in both texts exactly once are landmarks ("patience diff"), so that a change is told as a person
    would tell it. Only small pieces between them are compared line with line.
    """
    found: list[Block] = []
    for is_same, a, b, c, d in _pieces(old, new):
        if a == b and c == d:
            continue
        if found and found[-1].is_same == is_same:
            found[-1] = found[-1]._replace(b=b, d=d)
        else:
            found.append(Block(is_same, a, b, c, d))
    return found


def counted(found: Sequence[Block]) -> tuple[int, int]:
    """How many lines were added, and how many removed."""
    changed = [block for block in found if not block.is_same]
    return sum(block.d - block.c for block in changed), sum(block.b - block.a for block in changed)


def hunks(found: Sequence[Block]) -> tuple[list[Hunk], int]:
    """The changes with some lines around each, and how many unchanged lines follow the last."""
    shown: list[Hunk] = []
    gathered: list[Block] = []
    skipped = 0
    for at, block in enumerate(found):
        if not block.is_same:
            gathered.append(block)
            continue
        length = block.b - block.a
        before = CONTEXT if at > 0 else 0
        after = CONTEXT if at + 1 < len(found) else 0
        if length <= before + after:
            gathered.append(block)
            continue
        if gathered:
            gathered.append(block._replace(b=block.a + before, d=block.c + before))
            shown.append(Hunk(skipped, tuple(gathered)))
            gathered = []
        skipped = length - before - after
        if after:
            gathered.append(block._replace(a=block.b - after, c=block.d - after))
    if any(not block.is_same for block in gathered):
        shown.append(Hunk(skipped, tuple(gathered)))
        skipped = 0
    return shown, skipped


def changed_words(old: str, new: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The columns between which the two lines differ, in whole words; None where they have too little in common."""
    ours, theirs = _WORD.findall(old), _WORD.findall(new)
    begin = _shared(ours, theirs)
    end = _shared(ours[begin:][::-1], theirs[begin:][::-1])
    prefix = sum(map(len, ours[:begin]))
    suffix = sum(map(len, ours[len(ours) - end :]))
    if 2 * len((old[:prefix] + old[len(old) - suffix :]).strip()) < min(len(old.strip()), len(new.strip())):
        return None
    return (prefix, len(old) - suffix), (prefix, len(new) - suffix)


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """The blocks, in order; work is kept in a list, since texts can be made that nest deeply."""
    waiting = [Block(False, 0, len(old), 0, len(new))]
    while waiting:
        piece = waiting.pop()
        if piece.is_same or piece.a == piece.b or piece.c == piece.d:
            yield piece
            continue
        _, a, b, c, d = piece
        begin = _shared(old[a:b], new[c:d])
        end = _shared(old[a + begin : b][::-1], new[c + begin : d][::-1])
        if begin or end:
            waiting.append(Block(True, b - end, b, d - end, d))
            waiting.append(Block(False, a + begin, b - end, c + begin, d - end))
            waiting.append(Block(True, a, a + begin, c, c + begin))
            continue
        marks = _landmarks(old[a:b], new[c:d])
        if marks:
            waiting.extend(reversed(list(_between(piece, marks))))
        else:
            yield from _small(old, new, piece)


def _between(piece: Block, marks: Sequence[tuple[int, int]]) -> Iterator[Block]:
    _, a, b, c, d = piece
    x, y = a, c
    for one, other in marks:
        yield Block(False, x, a + one, y, c + other)
        x, y = a + one + 1, c + other + 1
        yield Block(True, x - 1, x, y - 1, y)
    yield Block(False, x, b, y, d)


def _small(old: Sequence[str], new: Sequence[str], piece: Block) -> Iterator[Block]:
    _, a, b, c, d = piece
    if (b - a) * (d - c) > MOST_PAIRS:
        yield piece
        return
    for tag, i, j, k, m in SequenceMatcher(None, old[a:b], new[c:d], autojunk=False).get_opcodes():
        yield Block(tag == "equal", a + i, a + j, c + k, c + m)


def _landmarks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of places of lines that are in both exactly once, as many as are in the same order in both."""
    once = {line for line, number in Counter(old).items() if number == 1}
    once &= {line for line, number in Counter(new).items() if number == 1}
    if not once:
        return []
    places = {line: at for at, line in enumerate(new) if line in once}
    pairs = [(at, places[line]) for at, line in enumerate(old) if line in once]
    # The longest rising sequence of the second numbers: `tops` is the smallest that ends one of each length.
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(tops, other)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [other]
        ends[length : length + 1] = [number]
    chosen = []
    at = ends[-1]
    while at >= 0:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items both begin with."""
    for at, (mine, yours) in enumerate(zip(one, other, strict=False)):
        if mine != yours:
            return at
    return min(len(one), len(other))
