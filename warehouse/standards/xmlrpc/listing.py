"""The struct of every project and its serial, kept compressed in parts so that a change makes one part again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from warehouse.standards.names import normalize
from warehouse.standards.simple import gzip
from warehouse.standards.xmlrpc.writing import STRUCT, member

PART = 1000  # projects; a part of twice as many is cut in two

Parts = tuple[gzip.Segment, ...]


class SerialList:
    """Display names and serials of all projects, in about 20 bytes a project. One thread at a time may change it.

    What :meth:`parts` gave stays as it was, so that it can be sent at the reader's pace.
    """

    def __init__(self, part_size: int = PART) -> None:
        self._part_size = part_size
        self._firsts: list[str] = []
        self._parts: list[gzip.Segment] = []

    def load(self, projects: Iterable[tuple[str, str, int]]) -> None:
        """Replace everything by these (normalized name, display name, serial), which come in order of the first."""
        self._firsts, self._parts = [], []
        lines: list[str] = []
        for _, display, serial in projects:
            lines.append(_line(display, serial))
            if len(lines) == self._part_size:
                self._add(lines)
                lines = []
        if lines:
            self._add(lines)

    def change(self, now: Mapping[str, tuple[str, int] | None]) -> None:
        """By normalized name, what a project is now: its display name and serial, or None when there is none."""
        touched: dict[int, dict[str, tuple[str, int] | None]] = {}
        for name, found in now.items():
            touched.setdefault(max(bisect_right(self._firsts, name) - 1, 0), {})[name] = found
        for at in sorted(touched, reverse=True):  # from the end, so that a part cut in two moves none of the others
            self._change_part(at, touched[at])

    def parts(self) -> Parts:
        """All members, as they are now."""
        return tuple(self._parts)

    def _change_part(self, at: int, now: Mapping[str, tuple[str, int] | None]) -> None:
        before = gzip.text_of(self._parts[at]).decode().splitlines(keepends=True) if self._parts else []
        lines: dict[str, str] = {normalize(_name_in(line)): line for line in before}
        for name, found in now.items():
            lines.pop(name, None)
            if found is not None:
                lines[name] = _line(*found)
        kept = [lines[name] for name in sorted(lines)]
        middle = len(kept) // 2 if len(kept) >= 2 * self._part_size else 0
        pieces = [piece for piece in (kept[:middle], kept[middle:]) if piece]
        self._firsts[at : at + 1] = [_first(piece) for piece in pieces]
        self._parts[at : at + 1] = [_segment(piece) for piece in pieces]

    def _add(self, lines: list[str]) -> None:
        self._firsts.append(_first(lines))
        self._parts.append(_segment(lines))


def plain(parts: Parts) -> Iterator[bytes]:
    """The whole answer, in pieces that are made when they are wanted."""
    yield STRUCT[0]
    for part in parts:
        yield gzip.text_of(part)
    yield STRUCT[1]


def gzipped(parts: Parts) -> Iterator[bytes]:
    """The same, compressed."""
    return gzip.pieces([gzip.segment(STRUCT[0]), *parts, gzip.segment(STRUCT[1])])


def _line(display: str, serial: int) -> str:
    return member(display, serial) + "\n"


def _name_in(line: str) -> str:
    """Names hold nothing that XML would have another way of writing."""
    return line[len("<member><name>") : line.index("</name>")]


def _first(lines: list[str]) -> str:
    return normalize(_name_in(lines[0]))


def _segment(lines: list[str]) -> gzip.Segment:
    return gzip.segment("".join(lines).encode())
