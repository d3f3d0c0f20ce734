"""How large the index is, and which of its projects are: two SQL statements that stay cheap however many there are."""

from __future__ import annotations

from typing import NamedTuple

from warehouse.infra.db import Database

# Adding up 700,000 sizes would take a tenth of a second after each upload. A follower of the journal keeps the sum, and
# what was changed since it looked last is added here, so that the number is true to the newest entry. Should it be
# far behind, the newest of the changes are left for it.
_TOTAL = """
    WITH unread AS (
        SELECT normalized_name FROM journal
        WHERE serial > coalesce((SELECT serial FROM follower_cursors WHERE follower = 'totals'), 0)
        ORDER BY serial LIMIT 1000
    )
    SELECT (
        coalesce((SELECT size FROM index_totals), 0) + coalesce(sum(
            coalesce((SELECT total_size FROM projects WHERE normalized_name = changed.normalized_name), 0)
            - coalesce((SELECT size FROM project_totals WHERE normalized_name = changed.normalized_name), 0)
        ), 0)
    )::bigint
    FROM (SELECT DISTINCT normalized_name FROM unread) AS changed
"""
_LARGEST = """
    SELECT name, total_size FROM projects ORDER BY total_size DESC, normalized_name COLLATE "C" LIMIT %(most)s
"""


class Stats(NamedTuple):
    """Bytes of all files together, and of the largest projects, the largest first."""

    total_size: int
    largest: list[tuple[str, int]]


def read_stats(database: Database, most: int = 100) -> Stats:
    """The numbers of the moment."""
    ((total_size,),) = database.rows(_TOTAL, {})
    return Stats(total_size, database.rows(_LARGEST, {"most": most}))
