"""The journal as followers read it: one SQL statement over a range of serials."""

from __future__ import annotations

from typing import NamedTuple

from warehouse.infra.db import Database

# Who did it is left out: the accounts of those who publish are not public.
_ENTRIES = """
    SELECT serial, project, normalized_name, version, change, action,
        to_char(submitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    FROM journal WHERE serial > %(after)s AND serial <= %(until)s ORDER BY serial
"""


class FeedEntry(NamedTuple):
    """One entry. ``at`` is ISO 8601 in UTC with microseconds and a Z."""

    serial: int
    project: str
    normalized_name: str
    version: str | None
    change: str
    action: str
    at: str


class FeedSource:
    """Reads the journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, *, after: int, until: int) -> list[FeedEntry]:
        """The entries whose serials are greater than ``after`` and at most ``until``, in order."""
        return [FeedEntry._make(row) for row in self._database.rows(_ENTRIES, {"after": after, "until": until})]
