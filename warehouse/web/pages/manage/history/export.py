"""The history as a file, written while it is read: however long it is, little of it is held."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import orjson

from warehouse.operations.history import Happened, described

COLUMNS = ("at", "tag", "actor", "address", "device", "details")

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(happened: Iterable[Happened]) -> Iterator[bytes]:
    """A JSON array, one object on each line."""
    separator = b"[\n"
    for one in happened:
        yield separator + orjson.dumps(described(one), default=str)
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"


def as_csv(happened: Iterable[Happened]) -> Iterator[bytes]:
    """A table for spreadsheets (RFC 4180)."""
    yield _row(COLUMNS)
    for one in happened:
        told = described(one)
        told["details"] = orjson.dumps(told["details"], default=str).decode()
        yield _row([_harmless(told[column] or "") for column in COLUMNS])


def _harmless(text: str) -> str:
    """A spreadsheet would carry out what begins like a formula, and strangers write some of these texts."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _row(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()
