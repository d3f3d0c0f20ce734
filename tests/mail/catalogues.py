"""A tiny gettext catalogue, written as msgfmt would (GNU gettext manual, "The Format of GNU MO Files")."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

MAGIC = 0x950412DE
HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def write_catalogue(folder: Path, language: str, messages: Mapping[str, str]) -> None:
    """Put the catalogue where the index looks for it; ``one\\0many`` is a message with a plural."""
    pairs = sorted({"": HEAD, **messages}.items())
    originals, translations = ([pair[side].encode() for pair in pairs] for side in (0, 1))
    table = 7 * 4
    start = table + 2 * 8 * len(pairs)
    content = b"\0".join([*originals, *translations, b""])
    lengths = [len(text) for text in (*originals, *translations)]
    offsets = [start + sum(lengths[:number]) + number for number in range(len(lengths))]
    entries = b"".join(struct.pack("<II", length, offset) for length, offset in zip(lengths, offsets, strict=True))
    head = struct.pack("<7I", MAGIC, 0, len(pairs), table, table + 8 * len(pairs), 0, start)
    path = folder / language / "LC_MESSAGES" / "warehouse.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(head + entries + content)
