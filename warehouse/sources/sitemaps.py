"""Which pages crawlers are told of: one SQL statement a sitemap, answered from an index alone."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from warehouse.infra.db import Database

# For each of the 256 the last entry of the index: grouping would read the whole of it.
_CHANGED = """
    SELECT bucket, greatest(project.created_at, account.created_at)
    FROM (SELECT lpad(to_hex(number), 2, '0') AS bucket FROM generate_series(0, 255) AS number) AS buckets
    LEFT JOIN LATERAL (
        SELECT created_at FROM projects WHERE sitemap_bucket = bucket AND created_at < %(before)s
        ORDER BY created_at DESC LIMIT 1
    ) AS project ON true
    LEFT JOIN LATERAL (
        SELECT created_at FROM users WHERE sitemap_bucket = bucket AND created_at < %(before)s
        ORDER BY created_at DESC LIMIT 1
    ) AS account ON true
    WHERE project.created_at IS NOT NULL OR account.created_at IS NOT NULL
    ORDER BY bucket
"""

_LISTED = """
    SELECT 'project' AS kind, name COLLATE "C" AS name
    FROM projects WHERE sitemap_bucket = %(bucket)s AND created_at < %(before)s
    UNION ALL
    SELECT 'user', username::text COLLATE "C" FROM users WHERE sitemap_bucket = %(bucket)s AND created_at < %(before)s
    ORDER BY kind, name
    LIMIT %(most)s
"""


class Listed(NamedTuple):
    """A page for people: of which ``kind``, ``project`` or ``user``, and whose."""

    kind: str
    name: str


class SitemapSource:
    """Reads what is in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def buckets(self, before: datetime) -> list[tuple[str, datetime]]:
        """The buckets that hold something made ``before`` then, in order, and when the latest of it was made."""
        return self._database.rows(_CHANGED, {"before": before})

    def listed(self, bucket: str, before: datetime, most: int) -> list[Listed]:
        """The pages in a bucket, of what was made ``before`` then: projects first, each kind sorted by name."""
        return [
            Listed(*row) for row in self._database.rows(_LISTED, {"bucket": bucket, "before": before, "most": most})
        ]
