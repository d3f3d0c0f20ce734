"""The list of every project, kept in parts so that one change does not render and compress all of it again."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

from warehouse.standards.simple import gzip, html, json

Form = Literal["html", "json"]
Encoding = Literal["identity", "gzip"]


class RootList:
    """The projects of an index in the order of their normalized names, and the root page in each form and encoding.

    Every process that answers requests keeps one, so names are kept packed (about 30 bytes for a project), and a
    part is rendered or compressed when somebody first asks for that form in that encoding. ``base`` is the path of
    the root page, which links are made from; a part of twice ``part_size`` projects is cut in two.

    Any thread may change or assemble it at any time; what is assembled is the list at one moment.
    """

    def __init__(self, base: str = "/simple/", *, part_size: int = 1000) -> None:
        self._base = base
        self._part_size = part_size
        # Guards the two lists below, which have to change together. Parts never change: whoever copied the list of
        # them under the lock may render them after letting go, and a writer waits for nobody's compression.
        self._lock = threading.Lock()
        self._parts: list[_Part] = []
        self._firsts: list[str] = []

    def __len__(self) -> int:
        with self._lock:
            return sum(part.count for part in self._parts)

    def load(self, projects: Iterable[tuple[str, str, int]]) -> None:
        """Replace everything by these (normalized name, display name, serial), in any order.

        Refuses with ValueError, and changes nothing, if a name is there twice or holds white space.
        """
        lines = [_line(*project) for project in projects]
        lines.sort()  # a tab sorts before all that a name may hold, so lines sort as names do
        for one, following in pairwise(lines):
            if following.startswith(_name_of(one) + "\t"):
                raise ValueError(f"The project {_name_of(one)!r} is there twice.")
        size = self._part_size
        parts = [_Part(lines[at : at + size]) for at in range(0, len(lines), size)]
        with self._lock:
            self._parts = parts
            self._firsts = [part.first for part in parts]

    def set(self, name: str, display: str, serial: int) -> None:
        """Add a project or give it another display name or serial. Refuses white space in names with ValueError."""
        line = _line(name, display, serial)
        with self._lock:
            at = max(bisect_right(self._firsts, name) - 1, 0)
            if not self._parts:
                self._replace(0, [line])
                return
            part = self._parts[at]
            lines = part.lines()
            place, found = _find(lines, name)
            same_link = found and _link_of(lines[place]) == _link_of(line)
            lines[place : place + found] = [line]
            self._replace(at, lines, part if same_link else None)

    def remove(self, name: str) -> None:
        """Take a project out; one that is not there is no error, since journal entries may be applied twice."""
        with self._lock:
            at = bisect_right(self._firsts, name) - 1
            if at < 0:
                return
            lines = self._parts[at].lines()
            place, found = _find(lines, name)
            if found:
                del lines[place]
                self._replace(at, lines)

    def assemble(self, form: Form, encoding: Encoding, serial: int) -> bytes:
        """The root page at ``serial``. Renders and compresses only what changed since this form and encoding were
        last asked for; putting the parts together takes some tens of milliseconds for a million projects."""
        with self._lock:
            parts = tuple(self._parts)
        if form == "html":
            head, tail = html.ROOT_HEAD, html.root_tail(serial)
        else:
            head, tail = json.root_head(serial), json.ROOT_TAIL
        last = len(parts) - 1
        if encoding == "identity":
            texts = [part.text(form, self._base, at == last) for at, part in enumerate(parts)]
            return b"".join([head.encode(), *texts, tail.encode()])
        segments = [part.segment(form, self._base, at == last) for at, part in enumerate(parts)]
        return gzip.member([gzip.segment(head.encode()), *segments, gzip.segment(tail.encode())])

    def _replace(self, at: int, lines: list[str], same_links: _Part | None = None) -> None:
        middle = len(lines) // 2 if len(lines) >= 2 * self._part_size else 0
        parts = [_Part(piece) for piece in (lines[:middle], lines[middle:]) if piece]
        if same_links is not None:
            parts[0].take_html(same_links)
        self._parts[at : at + 1] = parts
        self._firsts[at : at + 1] = [part.first for part in parts]


class _Part:
    """A run of projects, packed as one text of lines, and what has been made of it so far. Never changes its lines."""

    __slots__ = ("_packed", "_segments", "_texts", "count", "first")

    def __init__(self, lines: list[str]) -> None:
        self._packed = "\n".join(lines)
        self.first = _name_of(lines[0])
        self.count = len(lines)
        # By form, and whether this is the last part: only there no comma follows the last JSON entry. Two threads may
        # fill in the same key; both bring the same bytes.
        self._texts: dict[tuple[Form, bool], bytes] = {}
        self._segments: dict[tuple[Form, bool], gzip.Segment] = {}

    def lines(self) -> list[str]:
        return self._packed.split("\n")

    def text(self, form: Form, base: str, last: bool) -> bytes:
        key = form, last
        if (text := self._texts.get(key)) is None:
            text = self._texts[key] = self._render(form, base, last)
        return text

    def segment(self, form: Form, base: str, last: bool) -> gzip.Segment:
        key = form, last
        if (segment := self._segments.get(key)) is None:
            # The text is thrown away: nearly every client takes gzip, and the plain form is six times as large.
            text = self._texts.get(key) or self._render(form, base, last)
            segment = self._segments[key] = gzip.segment(text)
        return segment

    def take_html(self, other: _Part) -> None:
        """Keep what ``other``, which links to the same projects, had made: serials do not show in HTML."""
        keys: list[tuple[Form, bool]] = [("html", False), ("html", True)]
        for key in keys:  # looked up one by one: another thread may be filling in the other part meanwhile
            if (text := other._texts.get(key)) is not None:
                self._texts[key] = text
            if (segment := other._segments.get(key)) is not None:
                self._segments[key] = segment

    def _render(self, form: Form, base: str, last: bool) -> bytes:
        projects = (line.split("\t") for line in self.lines())
        if form == "html":
            return "".join([html.root_link(base, name, display or name) for name, display, _ in projects]).encode()
        entries = ",".join([json.root_entry(display or name, serial) for name, display, serial in projects])
        return (entries if last else entries + ",").encode()


def _line(name: str, display: str, serial: int) -> str:
    """A project packed; the display name is left out where it is the normalized one."""
    if not name or name.split() != [name] or display.split() != [display]:
        raise ValueError(f"A project name holds no white space: {name!r}, {display!r}.")
    return f"{name}\t{'' if display == name else display}\t{serial}"


def _name_of(line: str) -> str:
    return line.partition("\t")[0]


def _link_of(line: str) -> str:
    return line.rpartition("\t")[0]


def _find(lines: list[str], name: str) -> tuple[int, bool]:
    """Where the line of ``name`` is or belongs, and whether it is there."""
    place = bisect_left(lines, name + "\t")
    return place, place < len(lines) and _name_of(lines[place]) == name
