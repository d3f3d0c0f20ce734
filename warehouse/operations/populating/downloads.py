"""Invented downloads of the last months, so that pages of invented projects have something to show."""

from __future__ import annotations

import psycopg

SHOWN = 25  # projects with downloads of every day, by all kinds of clients; the others have three days of them

# A hash gives each project and day a number of its own. Few projects have most of the downloads, and weekends fewer.
_INVENT = f"""
    WITH ranked AS (
        SELECT project.normalized_name, newest.version, before.version AS former,
            hashtextextended(project.normalized_name, %(seed)s) & 1023 AS lot,
            row_number() OVER (ORDER BY hashtextextended(project.normalized_name, %(seed)s)) AS rank
        FROM projects AS project
        CROSS JOIN LATERAL (
            SELECT id, version FROM releases WHERE project_id = project.id ORDER BY version_key DESC LIMIT 1
        ) AS newest
        LEFT JOIN LATERAL (
            SELECT version FROM releases WHERE project_id = project.id ORDER BY version_key DESC OFFSET 1 LIMIT 1
        ) AS before ON true
        WHERE newest.id > %(release)s
    ), days AS (
        SELECT ranked.*, ago, CURRENT_DATE - ago AS day,
            (1 + (hashtextextended(normalized_name || ago, %(seed)s) & 31)) / 24.0
                * CASE WHEN extract(isodow FROM CURRENT_DATE - ago) > 5 THEN 0.6 ELSE 1.0 END AS mood
        FROM ranked CROSS JOIN generate_series(0, 120) AS ago
        WHERE rank <= {SHOWN} OR ago IN (1, 3 + lot %% 4, 9 + lot %% 17)
    ), clients (kind, installer, python, system, share) AS (VALUES
        ('installer', 'pip', '3.12', 'Linux', 0.36), ('installer', 'pip', '3.11', 'Linux', 0.2),
        ('installer', 'uv', '3.13', 'Linux', 0.16), ('installer', 'uv', '3.12', 'macOS', 0.07),
        ('installer', 'pip', '3.10', 'Windows', 0.06), ('installer', 'poetry', '3.12', 'Linux', 0.05),
        ('browser', 'Firefox', '', 'Windows', 0.01), ('mirror', 'bandersnatch', '', 'Linux', 0.04),
        ('other', 'requests', '', '', 0.05)
    )
    INSERT INTO downloads (day, normalized_name, version, kind, installer, python, system, number)
    SELECT day, normalized_name, versions.version, kind, installer, python, system,
        ceil(60000.0 / power(rank, 1.1) * mood * clients.share * versions.share)
    FROM days CROSS JOIN clients
    CROSS JOIN LATERAL (VALUES (days.version, 0.75), (days.former, 0.25)) AS versions (version, share)
    WHERE versions.version IS NOT NULL AND (rank <= {SHOWN} OR clients.share > 0.3)
    ORDER BY 1, 2, 3, 4, 5, 6, 7
"""


def invent_downloads(connection: psycopg.Connection, *, seed: int, after: int) -> None:
    """Downloads of the projects whose newest release has a number greater than ``after``, up to this day."""
    connection.execute(_INVENT, {"seed": seed, "release": after})
