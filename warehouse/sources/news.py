"""The newest releases and projects, for feeds: one SQL statement each, which an index answers in order.

Quarantine hides nothing here: feeds are what those who look for malware follow.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from warehouse.infra.db import Database

_RELEASES = """
    SELECT p.name, r.version, r.summary, r.author_email, r.created_at
    FROM releases r JOIN projects p ON p.id = r.project_id
    ORDER BY r.created_at DESC, r.id DESC
    LIMIT %(most)s
"""

# In the order of the projects; the newest release of each is looked up, and who has none is passed over.
_PROJECTS = """
    SELECT p.name, r.version, r.summary, r.author_email, p.created_at
    FROM projects p
    JOIN LATERAL (
        SELECT version, summary, author_email FROM releases
        WHERE project_id = p.id ORDER BY created_at DESC, id DESC LIMIT 1
    ) r ON true
    ORDER BY p.created_at DESC, p.id DESC
    LIMIT %(most)s
"""

_OF_ONE_PROJECT = """
    SELECT p.name, r.version, r.summary, r.author_email, r.created_at
    FROM projects p
    LEFT JOIN LATERAL (
        SELECT version, summary, author_email, created_at FROM releases
        WHERE project_id = p.id ORDER BY created_at DESC, id DESC LIMIT %(most)s
    ) r ON true
    WHERE p.normalized_name = %(name)s
"""


class News(NamedTuple):
    """A release as a feed tells of it; ``at`` is when it, or in the list of projects its project, was made."""

    project: str
    version: str
    summary: str | None
    author_email: str | None
    at: datetime


class NewsSource:
    """Reads what is in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def releases(self, most: int) -> list[News]:
        """The newest releases of all projects, newest first."""
        return [News(*row) for row in self._database.rows(_RELEASES, {"most": most})]

    def projects(self, most: int) -> list[News]:
        """The newest projects that have a release, newest first, each with its newest release."""
        return [News(*row) for row in self._database.rows(_PROJECTS, {"most": most})]

    def project(self, normalized_name: str, most: int) -> tuple[str, list[News]] | None:
        """The project's name and its newest releases, newest first; None when there is no such project."""
        rows = self._database.rows(_OF_ONE_PROJECT, {"name": normalized_name, "most": most})
        return (rows[0][0], [News(*row) for row in rows if row[1] is not None]) if rows else None
