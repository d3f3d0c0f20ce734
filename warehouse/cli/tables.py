"""Columns of text for people; scripts ask for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import click


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write the rows below their headings, each column as wide as its widest text."""
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def shown(moment: datetime | None, *, never: str = "never") -> str:
    """A time to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else never


def written(moment: datetime | None) -> str | None:
    """A time for JSON."""
    return moment.isoformat() if moment else None
