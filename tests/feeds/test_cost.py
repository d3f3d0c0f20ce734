"""What feeds, sitemaps and statistics cost does not grow with the index: no statement of theirs reads a whole table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from warehouse.sources import news, sitemaps, stats
from warehouse.work import SYSTEM, begin

FILL = """
    INSERT INTO projects (name, normalized_name, lookalike_name, total_size, created_at)
    SELECT 'P-' || n, 'p-' || n, 'p' || n, n, timestamptz '2020-01-01' + n * interval '1 minute'
    FROM generate_series(1, 6000) AS n;
    INSERT INTO users (username, created_at)
    SELECT 'u' || n, timestamptz '2020-01-01' + n * interval '1 minute' FROM generate_series(1, 6000) AS n;
    INSERT INTO releases
        (project_id, version, canonical_version, version_key, is_prerelease, metadata_version, created_at)
    SELECT id, v, v, '', false, '2.1', created_at + v * interval '1 hour'
    FROM projects, generate_series(1, CASE WHEN name = 'P-9' THEN 2000 ELSE 3 END) AS v;
    INSERT INTO journal (project, normalized_name, change, action)
    SELECT name, normalized_name, 'project created', 'create' FROM projects;
    INSERT INTO project_totals (normalized_name, releases, files, size, updated_serial)
    SELECT normalized_name, 3, 0, total_size, 1 FROM projects;
    INSERT INTO follower_cursors (follower, serial) SELECT 'totals', max(serial) - 5 FROM journal
"""

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)

STATEMENTS = {
    "the newest releases": (news._RELEASES, {"most": 100}),
    "the newest projects": (news._PROJECTS, {"most": 40}),
    "releases of a project with many": (news._OF_ONE_PROJECT, {"name": "p-9", "most": 40}),
    "the list of sitemaps": (sitemaps._CHANGED, {"before": BEFORE}),
    "one sitemap": (sitemaps._LISTED, {"bucket": "aa", "before": BEFORE, "most": 50_000}),
    "the size of everything": (stats._TOTAL, {}),
    "the largest projects": (stats._LARGEST, {"most": 100}),
}


@pytest.fixture
def large(tools):
    """An index that is large enough for the planner to care."""
    with begin(tools, SYSTEM) as work:
        work.db.execute(text(FILL))
    with tools.database.connection() as connection:
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE projects, users, releases, journal, project_totals")
        connection.autocommit = False
    return tools


def nodes(plan):
    """Every step of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_every_statement_is_answered_from_indexes(large):
    for what, (statement, values) in STATEMENTS.items():
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        ((found,),) = large.database.rows(explained, values)
        steps = list(nodes(found[0]["Plan"]))
        scanned = {step.get("Relation Name") for step in steps if step["Node Type"] == "Seq Scan"}
        assert scanned <= {"index_totals", "follower_cursors"}, (what, scanned)  # which have a few rows
        most = max(step["Actual Rows"] * step["Actual Loops"] for step in steps)
        assert most <= 600, (what, most)
