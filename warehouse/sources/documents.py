"""What can be found: a document for each project that has something to install, read by one SQL statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from warehouse.infra.db import Database
from warehouse.infra.search import SearchDocument

LONGEST_DESCRIPTION = 50_000  # characters; what comes later says little about what a project is for
AT_A_TIME = 200  # rows of up to so many characters, when all are read

# Chosen is the release that installers would take: of those with files that are neither yanked nor in quarantine, the
# greatest that is no pre-release, else the greatest.
_DOCUMENT = f"""
    SELECT
        p.name, p.normalized_name, r.version, r.created_at, r.summary, left(d.raw, {LONGEST_DESCRIPTION}),
        r.keywords, array_cat(r.import_names, r.import_namespaces),
        ARRAY[r.author, r.author_email, r.maintainer, r.maintainer_email],
        r.classifiers, coalesce(downloads.month, 0), coalesce(dependents.number, 0), p.status = 'archived'
    FROM projects p
    CROSS JOIN LATERAL (
        SELECT * FROM releases
        WHERE project_id = p.id AND yanked_at IS NULL AND NOT is_quarantined
            AND EXISTS (SELECT FROM files WHERE release_id = releases.id)
        ORDER BY is_prerelease, version_key DESC
        LIMIT 1
    ) r
    LEFT JOIN descriptions d ON d.release_id = r.id
    LEFT JOIN recent_downloads downloads ON downloads.normalized_name = p.normalized_name
    LEFT JOIN dependent_counts dependents ON dependents.normalized_name = p.normalized_name
    WHERE p.status <> 'quarantined'
"""
_SOME = f"{_DOCUMENT} AND p.normalized_name = ANY(%(names)s)"

_NUMBERS = """
    SELECT p.normalized_name, coalesce(downloads.month, 0), coalesce(dependents.number, 0)
    FROM projects p
    LEFT JOIN recent_downloads downloads ON downloads.normalized_name = p.normalized_name
    LEFT JOIN dependent_counts dependents ON dependents.normalized_name = p.normalized_name
    WHERE p.normalized_name > %(after)s
    ORDER BY p.normalized_name LIMIT %(most)s
"""


class Numbers(NamedTuple):
    """How much a project is used: downloads of a month, and projects that depend on it."""

    normalized_name: str
    downloads: int
    dependents: int


def documents_of(database: Database, names: Iterable[str]) -> list[SearchDocument]:
    """The documents of those of these normalized names that can be found, as of now."""
    return [_document(row) for row in database.rows(_SOME, {"names": sorted(names)})]


def all_documents(database: Database) -> Iterator[SearchDocument]:
    """The documents of all projects, as of one moment, with a few in memory at a time."""
    with database.connection() as connection:
        with connection.cursor(name="documents") as rows:
            rows.itersize = AT_A_TIME
            rows.execute(_DOCUMENT)
            for row in rows:
                yield _document(row)
        connection.rollback()


def numbers_after(database: Database, name: str, most: int) -> list[Numbers]:
    """How much the first ``most`` projects after this name are used, in the order of their names."""
    return [Numbers(*row) for row in database.rows(_NUMBERS, {"after": name, "most": most})]


def _document(row: tuple) -> SearchDocument:
    return SearchDocument(
        name=row[0],
        normalized_name=row[1],
        version=row[2],
        released_at=row[3],
        summary=row[4] or "",
        description=row[5] or "",
        keywords=row[6] or (),
        # PEP 794: "The import name ... may be followed by a semicolon and the term private": not meant for users.
        import_names=[name for name in row[7] or () if name and ";" not in name],
        people=[said for said in row[8] if said],
        classifiers=row[9] or (),
        downloads=row[10],
        dependents=row[11],
        is_archived=row[12],
    )
