"""What is done apart with files and texts of strangers: unpacking, colouring, comparing.

It runs as a process of its own (`warehouse.infra.apart`) and therefore imports little.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from warehouse.infra.apart import Answer, serve
from warehouse.standards import differences, source
from warehouse.standards.archives.refusal import BadArchive, invalid_file
from warehouse.standards.archives.tar import Limits
from warehouse.standards.archives.walking import Packed, files_in

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_LINES = 20_000  # of a text on one page
BEGINNING = 8192  # bytes by which a member that is too large tells whether it is a text


def answer(question: dict[str, Any]) -> Answer:
    """What the task of this question comes to."""
    match question.pop("task"):
        case "unpack":
            return unpack(**question)
        case "colour":
            return {"lines": colour(**question)}, b""
        case "compare":
            return compare(**question), b""
        case "count":
            return count(**question), b""
    raise ValueError("There is no such task.")


def unpack(path: str, filename: str, *, members: int, unpacked: int, text: int, texts: int, seconds: float) -> Answer:
    """What is in the archive at ``path``: all members, and those texts that are small enough, or why it is refused."""
    kept = _Kept(text, texts)
    found: dict[str, list[Any]] = {}
    left = unpacked
    deadline = time.monotonic() + seconds
    try:
        for member in files_in(path, filename, limits=Limits(headers=4 * members, total=unpacked, seconds=seconds)):
            left -= member.size
            if left < 0:
                raise invalid_file(f"It expands to more than {unpacked} bytes, which is more than is looked into.")
            if member.path not in found and len(found) >= members:
                raise invalid_file(f"It has more than {members} files, which is more than is looked into.")
            if time.monotonic() > deadline:
                raise invalid_file("It takes too long to unpack.")
            found[member.path] = [member.path, *kept.take(member)]  # of two with one path the last one is extracted
    except BadArchive as refusal:
        return {"refused": refusal.sentence}, b""
    bodies = list(kept.bodies.items())
    said = {
        "members": [found[path] for path in sorted(found)],
        "texts": [[digest, len(body)] for digest, body in bodies],
    }
    return said, b"".join(body for _, body in bodies)


@dataclass
class _Kept:
    """The texts of one file; ``text`` is the most bytes of one, ``texts`` those that are left for all others."""

    text: int
    texts: int
    bodies: dict[str, bytes] = field(default_factory=dict)

    def take(self, member: Packed) -> tuple[str, int, int | None, str | None, str]:
        """Kind, size, lines, link and digest of the member; its text is kept if it is one."""
        if member.link is not None:
            return "link", 0, None, member.link, hashlib.sha256(member.link.encode("utf-8", "replace")).hexdigest()
        if member.size > self.text:
            return _large(member)
        content = b"".join(member.chunks())
        digest = hashlib.sha256(content).hexdigest()
        text = source.as_text(content)
        if text is None:
            return "binary", member.size, None, None, digest
        if digest not in self.bodies:
            if member.size > self.texts:
                return "large", member.size, None, None, digest
            self.texts -= member.size
            self.bodies[digest] = zstd.compress(text.encode())
        return "text", member.size, len(source.lines_of(text)), None, digest


def _large(member: Packed) -> tuple[str, int, int | None, str | None, str]:
    digest = hashlib.sha256()
    beginning = b""
    for chunk in member.chunks():
        digest.update(chunk)
        beginning = beginning or chunk[:BEGINNING]
    kind = "large" if source.seems_text(beginning) else "binary"
    return kind, member.size, None, None, digest.hexdigest()


def colour(text: str, path: str) -> list[str]:
    """The first lines of the text, as HTML."""
    return [source.line_html(line) for line in source.coloured(text.replace("\r\n", "\n"), path)[:MOST_LINES]]


def count(old: str, new: str) -> dict[str, int]:
    """How many lines were added and removed."""
    added, removed = differences.counted(differences.blocks(source.lines_of(old), source.lines_of(new)))
    return {"added": added, "removed": removed}


def compare(old: str, new: str, path: str) -> dict[str, Any]:
    """What changed, in hunks of rows (sign, line number before and after, HTML), with what is left out between them."""
    before, after = source.lines_of(old), source.lines_of(new)
    found = differences.blocks(before, after)
    added, removed = differences.counted(found)
    hunks, rest = differences.hunks(found)
    sides = _coloured(old, path, before), _coloured(new, path, after)
    shown = []
    left = MOST_LINES
    for hunk in hunks:
        rows = [row for block in hunk.blocks for row in _rows(block, before, after, sides)][:left]
        left -= len(rows)
        if rows:
            shown.append({"skipped": hunk.skipped, "rows": rows})
    return {"added": added, "removed": removed, "hunks": shown, "skipped": rest if left else 0, "is_cut": not left}


Lines = list[list[source.Segment]]


def _coloured(text: str, path: str, lines: list[str]) -> Lines:
    """The colours of the whole text, since a line may stand within a long string; none when they do not fit."""
    found = source.coloured(text, path)
    return found if len(found) >= len(lines) else source.plain(lines)


def _rows(
    block: differences.Block, before: list[str], after: list[str], sides: tuple[Lines, Lines]
) -> Iterator[tuple[str, int | None, int | None, str]]:
    old, new = sides
    if block.is_same:
        for at in range(block.d - block.c):
            yield " ", block.a + at + 1, block.c + at + 1, source.line_html(new[block.c + at])
        return
    marks: list[tuple[tuple[int, int], tuple[int, int]] | None] = []
    if block.b - block.a == block.d - block.c:  # then each line became the one across
        pairs = zip(before[block.a : block.b], after[block.c : block.d], strict=True)
        marks = [_changed(one, other) for one, other in pairs]
    for at in range(block.a, block.b):
        mark = marks[at - block.a] if marks else None
        yield "-", at + 1, None, source.line_html(old[at], mark[0] if mark else None)
    for at in range(block.c, block.d):
        mark = marks[at - block.c] if marks else None
        yield "+", None, at + 1, source.line_html(new[at], mark[1] if mark else None)


def _changed(one: str, other: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    if max(len(one), len(other)) > source.LONGEST_LINE:
        return None
    return differences.changed_words(one, other)


if __name__ == "__main__":
    serve(answer)
