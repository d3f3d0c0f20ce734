"""What this index's own projects and releases say of themselves, for the JSON API: two SQL statements a page."""

from __future__ import annotations

from typing import cast

from warehouse.infra.db import Database
from warehouse.sources.local import FILE_URL
from warehouse.standards.json_api import MetadataPage, ReleaseFile, ReleaseMetadata, Vulnerability
from warehouse.standards.versions import canonical

# A version is found by its canonical form, which a constraint keeps two releases of one project from sharing. Without
# a version it is the latest: yanked releases and pre-releases come only when there is nothing else.
_SELECTED = """
    FROM projects p
    JOIN LATERAL (
        SELECT * FROM releases
        WHERE project_id = p.id AND NOT is_quarantined
            AND (%(version)s::text IS NULL OR canonical_version = %(version)s)
        ORDER BY yanked_at IS NOT NULL, is_prerelease, version_key DESC
        LIMIT 1
    ) r ON true
    LEFT JOIN descriptions d ON d.release_id = r.id
    LEFT JOIN project_serials s ON s.normalized_name = p.normalized_name
    WHERE p.normalized_name = %(name)s AND p.status <> 'quarantined'
"""

_EXISTS = f"SELECT 1 {_SELECTED}"

# The fifth column holds the fields of Vulnerability in their order; from the sixth on come those of ReleaseMetadata.
_RELEASE = f"""
    SELECT
        p.id, r.id, COALESCE(s.serial, 0),
        ARRAY(
            SELECT ARRAY[o.role_name, u.username::text] FROM roles o JOIN users u ON u.id = o.user_id
            WHERE o.project_id = p.id
            ORDER BY o.role_name <> 'Owner', lower(u.username::text) COLLATE "C"
        ),
        (
            SELECT jsonb_agg(
                jsonb_build_array(
                    a.identifier, a.source, a.link, a.aliases, a.details, a.summary, a.fixed_in,
                    to_char(a.withdrawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                )
                ORDER BY a.identifier, a.source
            )
            FROM release_advisories ra JOIN advisories a ON a.id = ra.advisory_id
            WHERE ra.release_id = r.id
        ),
        p.name, r.version, r.yanked_at IS NOT NULL, r.yanked_reason,
        r.summary, d.raw, d.content_type, r.author, r.author_email, r.maintainer, r.maintainer_email,
        r.license, r.license_expression, r.license_files, r.keywords, r.platforms, r.classifiers,
        r.home_page, r.download_url, r.project_urls, r.requires_python, r.requires_dist, r.provides_extra, r.dynamic
    {_SELECTED}
"""

# After the version, the fields of ReleaseFile in their order.
_FILES = f"""
    SELECT
        r.version,
        f.filename, f.packagetype, f.python_version, f.comment, f.size,
        {FILE_URL},
        f.md5, f.sha256, f.blake2_256, f.metadata_sha256,
        to_char(f.uploaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        f.requires_python, r.yanked_at IS NOT NULL, r.yanked_reason
    FROM (
        SELECT id, version COLLATE "C" AS version, yanked_at, yanked_reason FROM releases
        WHERE project_id = %(project)s AND NOT is_quarantined
            AND (%(release)s::bigint IS NULL OR id = %(release)s)
        ORDER BY version COLLATE "C"
    ) r LEFT JOIN files f ON f.release_id = r.id
    ORDER BY r.version, f.filename COLLATE "C"
"""


class MetadataSource:
    """Reads what is in the database.

    ``files_base`` is what file links begin with, ending in ``/``; ``site`` is what links to pages begin with.
    """

    def __init__(self, database: Database, files_base: str, site: str) -> None:
        self._database = database
        self._files_base = files_base
        self._site = site

    def project(self, normalized_name: str) -> MetadataPage | None:
        """The project by its latest release, as of one moment.

        None when there is no such project or nothing of it may be shown: no release, or quarantine.
        """
        return self._page(normalized_name, None)

    def release(self, normalized_name: str, version: str) -> MetadataPage | None:
        """One release, in any spelling of its version (``1`` finds ``1.0``); None like :meth:`project`."""
        return self._page(normalized_name, version)

    def exists(self, normalized_name: str, version: str | None) -> bool:
        """Whether :meth:`release`, or without a version :meth:`project`, has a page to give."""
        return bool(self._database.rows(_EXISTS, _asked(normalized_name, version)))

    def _page(self, normalized_name: str, version: str | None) -> MetadataPage | None:
        # Between two statements a release could come or go: the page would list what it does not describe.
        with self._database.snapshot() as connection:
            found = connection.execute(_RELEASE, _asked(normalized_name, version), prepare=True).fetchone()
            if found is None:
                return None
            project_id, release_id, serial, roles, vulnerabilities = found[:5]
            values = {
                "project": project_id,
                "release": None if version is None else release_id,
                "base": self._files_base,
            }
            rows = connection.execute(_FILES, values, prepare=True).fetchall()
        release = ReleaseMetadata(*found[5:])
        releases: dict[str, list[ReleaseFile]] = {}
        for row in rows:
            files = releases.setdefault(row[0], [])
            if row[1] is not None:
                # Without a constructor's price: ReleaseFile is a plain tuple, too.
                files.append(cast("ReleaseFile", row[1:]))
        return MetadataPage(
            serial=serial,
            release=release,
            files=releases[release.version],
            releases=releases if version is None else None,
            roles=[(role, user) for role, user in roles],
            site=self._site,
            vulnerabilities=[Vulnerability(*one) for one in vulnerabilities or ()],
        )


def _asked(normalized_name: str, version: str | None) -> dict[str, str | None]:
    return {"name": normalized_name, "version": None if version is None else canonical(version)}
