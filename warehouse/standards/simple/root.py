"""The list of every project, kept in parts so that one change does not render and compress all of it again."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from warehouse.standards.simple import gzip, html, json
from warehouse.standards.simple.model import API_VERSION

Form = Literal["html", "json"]
Encoding = Literal["identity", "gzip"]

LINE = 30  # characters of a packed project, on average


class RootList:
    """The projects of an index in the order of their normalized names, and the root page in each form and encoding.

    Every process that answers requests keeps one, so names are kept packed (about 30 bytes for a project), and a
    part is rendered or compressed when somebody first asks for that form in that encoding. ``base`` is the path of
    the root page, which links are made from; a part of twice ``part_size`` projects is cut in two. ``json_version`` is
    the version of the Simple API that the JSON form states.

    Any thread may change or assemble it at any time; what is assembled is the list at one moment.
    """

    def __init__(self, base: str = "/simple/", *, part_size: int = 1000, json_version: str = API_VERSION) -> None:
        self._base = base
        self._json_version = json_version
        self._part_size = part_size
        # Guards the two lists below, which have to change together. Parts never change: whoever copied the list of
        # them under the lock may render them after letting go, and a writer waits for nobody's compression.
        self._lock = threading.Lock()
        self._parts: list[_Part] = []
        self._firsts: list[str] = []

    def __len__(self) -> int:
        with self._lock:
            return sum(part.count for part in self._parts)

    def load(self, packed: str) -> None:
        """Replace everything by a text of lines (:func:`line`) with a line feed between them.

        They stand in the order of names, which is that of their bytes; whether they do is looked at where the text is
        cut into parts. Refuses with ValueError, and changes nothing, if they do not.
        """
        parts = [_Part(text) for text in _cut(packed, self._part_size * LINE)]
        pairs = [(part.first, part.last) for part in parts if part.count > 1]
        pairs += [(one.last, following.first) for one, following in pairwise(parts)]
        for one, following in pairs:
            if one >= following:
                raise ValueError(f"The project {following!r} comes after {one!r}.")
        with self._lock:
            self._parts = parts
            self._firsts = [part.first for part in parts]

    def set(self, name: str, display: str, serial: int) -> None:
        """Add a project or give it another display name or serial. Refuses white space in names with ValueError."""
        new = line(name, display, serial)
        with self._lock:
            at = max(bisect_right(self._firsts, name) - 1, 0)
            if not self._parts:
                self._replace(0, [new])
                return
            part = self._parts[at]
            lines = part.lines()
            place, found = _find(lines, name)
            same_link = found and _link_of(lines[place]) == _link_of(new)
            lines[place : place + found] = [new]
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
        if encoding == "gzip":
            return gzip.member(self._segments(form, serial))
        return b"".join([part.text for part in self._texts(form, serial)])

    def validator(self, form: Form, encoding: Encoding, serial: int) -> str:
        """What differs whenever the page at ``serial`` does, without a look at its bytes: a strong ``ETag``, unquoted.

        It follows from what the list says and not from how it is cut into parts, so that all processes and machines
        which show the same list tell the same. (Compressed, their bytes may differ; nobody may ask for parts of them.)
        """
        parts = self._segments(form, serial) if encoding == "gzip" else self._texts(form, serial)
        crc, size = gzip.checksum(parts)
        return f"{form}-{encoding}-{serial}-{size:x}-{crc:08x}"

    def _texts(self, form: Form, serial: int) -> list[gzip.Plain]:
        head, tail = self._ends(form, serial)
        parts = self._now()
        last = len(parts) - 1
        texts = [part.text(form, self._base, at == last) for at, part in enumerate(parts)]
        return [gzip.plain(head), *texts, gzip.plain(tail)]

    def _segments(self, form: Form, serial: int) -> list[gzip.Segment]:
        head, tail = self._ends(form, serial)
        parts = self._now()
        last = len(parts) - 1
        segments = [part.segment(form, self._base, at == last) for at, part in enumerate(parts)]
        return [gzip.segment(head), *segments, gzip.segment(tail)]

    def _ends(self, form: Form, serial: int) -> tuple[bytes, bytes]:
        """What comes before the projects, and what after them."""
        if form == "html":
            return html.ROOT_HEAD.encode(), html.root_tail(serial).encode()
        return json.root_head(serial, version=self._json_version).encode(), json.ROOT_TAIL.encode()

    def _now(self) -> tuple[_Part, ...]:
        with self._lock:
            return tuple(self._parts)

    def _replace(self, at: int, lines: list[str], same_links: _Part | None = None) -> None:
        middle = len(lines) // 2 if len(lines) >= 2 * self._part_size else 0
        parts = [_Part("\n".join(piece)) for piece in (lines[:middle], lines[middle:]) if piece]
        if same_links is not None:
            parts[0].take_html(same_links)
        self._parts[at : at + 1] = parts
        self._firsts[at : at + 1] = [part.first for part in parts]


class _Part:
    """A run of projects, packed as one text of lines, and what has been made of it so far. Never changes its lines."""

    __slots__ = ("_packed", "_segments", "_texts", "count", "first", "last")

    def __init__(self, packed: str) -> None:
        self._packed = packed
        self.first = _name_of(packed)
        self.last = _name_of(packed[packed.rfind("\n") + 1 :])
        self.count = packed.count("\n") + 1
        # By form, and whether this is the last part: only there no comma follows the last JSON entry. Two threads may
        # fill in the same key; both bring the same bytes.
        self._texts: dict[tuple[Form, bool], gzip.Plain] = {}
        self._segments: dict[tuple[Form, bool], gzip.Segment] = {}

    def lines(self) -> list[str]:
        return self._packed.split("\n")

    def text(self, form: Form, base: str, last: bool) -> gzip.Plain:
        key = form, last
        if (text := self._texts.get(key)) is None:
            text = self._texts[key] = gzip.plain(self._render(form, base, last))
        return text

    def segment(self, form: Form, base: str, last: bool) -> gzip.Segment:
        key = form, last
        if (segment := self._segments.get(key)) is None:
            # The text is thrown away: nearly every client takes gzip, and the plain form is six times as large.
            kept = self._texts.get(key)
            text = kept.text if kept is not None else self._render(form, base, last)
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
        # A thread that renders part after part would keep every other waiting for five milliseconds at a time.
        time.sleep(0)
        projects = (line.split("\t") for line in self.lines())
        if form == "html":
            return "".join([html.root_link(base, name, display or name) for name, display, _ in projects]).encode()
        entries = ",".join([json.root_entry(display or name, serial) for name, display, serial in projects])
        return (entries if last else entries + ",").encode()


def line(name: str, display: str, serial: int) -> str:
    """A project packed; the display name is left out where it is the normalized one. Refuses white space."""
    if not name or name.split() != [name] or display.split() != [display]:
        raise ValueError(f"A project name holds no white space: {name!r}, {display!r}.")
    return f"{name}\t{'' if display == name else display}\t{serial}"


def _cut(packed: str, size: int) -> Iterator[str]:
    """Pieces of at least ``size`` characters that end with a line."""
    at = 0
    while at < len(packed):
        end = packed.find("\n", at + size)
        end = end if end >= 0 else len(packed)
        yield packed[at:end]
        at = end + 1


def _name_of(line: str) -> str:
    return line[: line.index("\t")]


def _link_of(line: str) -> str:
    return line.rpartition("\t")[0]


def _find(lines: list[str], name: str) -> tuple[int, bool]:
    """Where the line of ``name`` is or belongs, and whether it is there."""
    place = bisect_left(lines, name + "\t")
    return place, place < len(lines) and _name_of(lines[place]) == name
