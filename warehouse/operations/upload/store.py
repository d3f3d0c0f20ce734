"""Store an accepted file: blobs first, then the rows, then the news of it."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from sqlalchemy import select, text, update

from warehouse.domain.accounts.queries import public_addresses
from warehouse.domain.packaging import Description, File, FileName, Project, Release, Role, RoleName
from warehouse.events import FileAdded, ProjectCreated, ReleaseCreated, RoleAdded, tell
from warehouse.infra.spool import Spooled
from warehouse.operations.upload.candidate import Candidate
from warehouse.operations.upload.new_projects import count_new_project
from warehouse.operations.upload.verify import VerifiedLinks
from warehouse.standards import readme
from warehouse.standards.names import lookalike
from warehouse.standards.versions import is_prerelease, sort_key
from warehouse.work import Work

BLOB_LOCKS = 0x626C6F62  # "blob"

# Metadata that a release keeps as it was given.
TEXT_FIELDS = (
    "summary", "author", "author_email", "maintainer", "maintainer_email", "license", "license_expression",
    "home_page", "download_url", "requires_python",
)  # fmt: skip
LIST_FIELDS = (
    "license_files", "platforms", "supported_platforms", "classifiers", "requires_dist",
    "requires_external", "requires", "provides", "provides_dist", "provides_extra", "obsoletes", "obsoletes_dist",
    "dynamic", "import_names", "import_namespaces",
)  # fmt: skip


def store(work: Work, candidate: Candidate) -> File:
    """Make the candidate part of the index; whoever reads the index after COMMIT finds all of it.

    The bytes are durable under their digest before a row refers to them. A crash in between leaves a blob that
    nothing refers to, which the sweeper removes after a day.
    """
    metadata = candidate.contents.metadata if candidate.filetype == "bdist_wheel" else None
    companion = hashlib.blake2b(metadata, digest_size=32).hexdigest() if metadata is not None else None
    spooled = candidate.file.spooled
    hold_blobs(work, spooled.blake2_256, companion)
    _put(work, spooled)
    if metadata is not None and companion is not None:
        work.tools.blobs.put_bytes(companion, metadata)
    project = _project(work, candidate)
    release = _release(work, candidate, project)
    file = File(
        project_id=project.id,
        release_id=release.id,
        filename=candidate.filename,
        packagetype=candidate.filetype,
        python_version=candidate.form.pyversion,
        requires_python=release.requires_python,
        comment=candidate.form.comment,
        size=spooled.size,
        md5=spooled.md5,
        sha256=spooled.sha256,
        blake2_256=spooled.blake2_256,
        metadata_sha256=hashlib.sha256(metadata).hexdigest() if metadata is not None else None,
        metadata_blake2_256=companion,
        sboms=list(candidate.contents.sboms) or None,
        uploaded_at=work.now,
        uploaded_via=work.actor.user_agent,
    )
    work.db.add_all([file, FileName(filename=candidate.filename, used_at=work.now)])
    work.db.flush()
    work.db.execute(
        update(Project)
        .where(Project.id == project.id)
        .values(total_size=Project.total_size + spooled.size, name=candidate.metadata.name)
    )
    tell(work, FileAdded(project, release, file))
    return file


def _put(work: Work, spooled: Spooled) -> None:
    """Give the store a second name of the file: when this transaction has to be tried again, the first is needed."""
    handed_over = work.tools.blobs.temporary()
    os.link(spooled.path, handed_over)
    work.tools.blobs.put(spooled.blake2_256, handed_over, size=spooled.size)


def hold_blobs(work: Work, *keys: str | None) -> None:
    """Keep the sweeper from these blobs until the transaction ends.

    It could otherwise find a blob unreferenced, wait while this upload puts the same bytes again and refers to
    them, and then remove what is now in use.
    """
    for key in sorted(key for key in keys if key is not None):
        work.db.execute(
            text("SELECT pg_advisory_xact_lock_shared(:lock, :key)"), {"lock": BLOB_LOCKS, "key": lock_of(key)}
        )


def lock_of(key: str) -> int:
    """A blob's place among the 2**32 locks of blobs; two that share one merely wait for each other."""
    return int.from_bytes(bytes.fromhex(key[:8]), "big", signed=True)


def _project(work: Work, candidate: Candidate) -> Project:
    if candidate.project is not None:
        return candidate.project
    project = Project(
        name=candidate.metadata.name,
        normalized_name=candidate.normalized_name,
        lookalike_name=lookalike(candidate.metadata.name),
        created_at=work.now,
    )
    work.db.add(project)
    work.db.flush()
    count_new_project(work)
    tell(work, ProjectCreated(project, created_by=work.actor.name))
    if candidate.uploader is not None:
        work.db.add(Role(project_id=project.id, user_id=candidate.uploader.id, role_name=RoleName.OWNER.value))
        tell(work, RoleAdded(project, candidate.uploader, RoleName.OWNER))
    return project


def _release(work: Work, candidate: Candidate, project: Project) -> Release:
    links = VerifiedLinks.of(work, candidate.metadata, project, _collaborator_addresses(work, project))
    if candidate.release is not None:
        links.upgrade(candidate.release)
        return candidate.release
    metadata = candidate.metadata
    values: dict[str, Any] = {name: getattr(metadata, name) for name in TEXT_FIELDS}
    values |= {name: _listed(getattr(metadata, name)) for name in LIST_FIELDS}
    release = Release(
        project_id=project.id,
        version=metadata.version,
        canonical_version=candidate.canonical_version,
        version_key=sort_key(metadata.version),
        is_prerelease=is_prerelease(metadata.version),
        created_at=work.now,
        uploader_id=candidate.uploader.id if candidate.uploader else None,
        uploaded_via=work.actor.user_agent,
        metadata_version=metadata.metadata_version,
        keywords=_listed(metadata.keyword_list),
        project_urls=links.project_urls or None,
        home_page_verified=links.home_page,
        download_url_verified=links.download_url,
        author_email_verified=links.author_email,
        maintainer_email_verified=links.maintainer_email,
        **values,
    )
    work.db.add(release)
    work.db.flush()
    if metadata.description:
        work.db.add(
            Description(
                release_id=release.id,
                content_type=metadata.description_content_type,
                raw=metadata.description,
                html=candidate.description_html,
                rendered_by=readme.RENDERER,
            )
        )
    tell(work, ReleaseCreated(project, release))
    return release


def _collaborator_addresses(work: Work, project: Project) -> frozenset[str]:
    return public_addresses(work.db, work.db.scalars(select(Role.user_id).where(Role.project_id == project.id)).all())


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return list(values) if values else None
