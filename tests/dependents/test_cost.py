"""What it costs to say who depends on a project does not grow with the index."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.feeds.test_cost import nodes
from warehouse.domain.packaging.dependencies import _QUERIES
from warehouse.work import SYSTEM, begin

SIZE = 8_000
FILL = """
    INSERT INTO projects (name, normalized_name, lookalike_name)
    SELECT 'P-' || n, 'p-' || n, 'p' || n FROM generate_series(1, :size) AS n;
    INSERT INTO releases (project_id, version, canonical_version, version_key, is_prerelease, metadata_version)
    SELECT id, '1', '1', '', false, '2.1' FROM projects;
    INSERT INTO dependencies (normalized_name, depends_on, extra)
    SELECT 'p-' || n, 'popular', CASE WHEN n % 5 = 0 THEN 'x' ELSE '' END
    FROM generate_series(1, :size, 2) AS n UNION ALL
    SELECT 'p-' || n, 'rare', CASE WHEN n % 2 = 0 THEN 'x' ELSE '' END FROM generate_series(1, 40) AS n UNION ALL
    SELECT 'p-' || n, 'other-' || n % 500, '' FROM generate_series(1, :size) AS n;
    INSERT INTO recent_downloads (normalized_name, day, week, month, as_of)
    SELECT 'p-' || n, 1, 1, n, '2026-01-01' FROM generate_series(1, :size) AS n
"""


@pytest.fixture
def large(tools):
    """An index that is large enough for the planner to care."""
    with begin(tools, SYSTEM) as work:
        work.db.execute(text(FILL.replace(":size", str(SIZE))))
    with tools.database.connection() as connection:
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE projects, releases, dependencies, recent_downloads")
        connection.autocommit = False
    return tools


def test_dependents_are_found_by_indexes_however_many_there_are(large):
    for only_optional, (used, everybody) in _QUERIES.items():
        for statement, name, bound in ((used, "popular", 1500), (used, "rare", 500), (everybody, "rare", 500)):
            with begin(large, SYSTEM) as work:
                asked = {"name": name, "limit": 20, "offset": 0}
                found = work.db.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}"), asked)
            steps = list(nodes(found[0]["Plan"]))
            assert [step["Node Type"] for step in steps if step["Node Type"] == "Seq Scan"] == [], (name, only_optional)
            assert max(step["Actual Rows"] * step["Actual Loops"] for step in steps) <= bound, (name, only_optional)
