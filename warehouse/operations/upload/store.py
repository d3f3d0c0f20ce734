"""Store an accepted file: blobs first, then the rows, then the news of it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from warehouse.domain.accounts import Email
from warehouse.domain.packaging import Description, File, FileName, Project, Release, Role, RoleName
from warehouse.domain.packaging.namespaces import hold_still
from warehouse.errors import Conflict, Invalid
from warehouse.events import Event, FileAdded, ProjectCreated, ReleaseCreated, RoleAdded, tell
from warehouse.infra.jobs import enqueue
from warehouse.infra.spool import Spooled, disk_trouble
from warehouse.operations.descriptions import render_description
from warehouse.operations.upload.candidate import Candidate
from warehouse.operations.upload.new_projects import count_new_project
from warehouse.operations.upload.rules import check
from warehouse.operations.upload.rules.names import name_is_in_nobody_elses_namespace, name_is_no_lookalike
from warehouse.operations.upload.verify import VerifiedLinks, is_verified_address
from warehouse.standards.metadata import Metadata
from warehouse.standards.names import lookalike
from warehouse.standards.versions import is_prerelease, sort_key
from warehouse.work import Work

BLOB_LOCKS = 0x626C6F62  # "blob"
LOOKALIKE_LOCKS = 0x6C6F6F6B  # "look"

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


HOLD = text("SELECT pg_advisory_xact_lock_shared(:space, lock) FROM unnest(CAST(:locks AS integer[])) AS lock")

USE_NAME_AND_SPACE = (
    update(Project)
    .where(Project.id == bindparam("project"))
    .values(total_size=Project.total_size + bindparam("size"), name=bindparam("name"))
    .add_cte(insert(FileName).values(filename=bindparam("filename"), used_at=bindparam("now")).cte("used"))
    .execution_options(synchronize_session=False)
)


def store(work: Work, candidate: Candidate) -> File:
    """Make the candidate part of the index; whoever reads the index after COMMIT finds all of it.

    The bytes are durable under their digest before a row refers to them. A crash in between leaves a blob that
    nothing refers to, which the sweeper removes after a day.
    """
    companion = Companion.of(candidate.contents.metadata) if candidate.filetype == "bdist_wheel" else None
    spooled = candidate.file.spooled
    hold_blobs(work, spooled.blake2_256, companion.blake2_256 if companion else None)
    _put(work, spooled)
    if companion is not None:
        work.tools.blobs.put_bytes(companion.blake2_256, companion.content)
    news: list[Event] = []
    project = candidate.project or _create_project(work, candidate, news)
    release = _release(work, candidate, project, news)
    _use_name_and_space(work, candidate, project)
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
        metadata_sha256=companion.sha256 if companion else None,
        metadata_blake2_256=companion.blake2_256 if companion else None,
        sboms=list(candidate.contents.sboms) or None,
        uploaded_at=work.now,
        uploaded_via=work.actor.user_agent,
    )
    work.db.add(file)
    # Told together at the end, so that all of it is written in one go.
    for event in (*news, FileAdded(project, release, file)):
        tell(work, event)
    work.db.flush()
    return file


@dataclass(frozen=True)
class Companion:
    """A wheel's METADATA, which is served beside it (PEP 658)."""

    content: bytes
    sha256: str
    blake2_256: str

    @classmethod
    def of(cls, content: bytes) -> Companion:
        """The companion with these bytes."""
        return cls(content, hashlib.sha256(content).hexdigest(), hashlib.blake2b(content, digest_size=32).hexdigest())


def _put(work: Work, spooled: Spooled) -> None:
    """Give the store a second name of the file: when this transaction has to be tried again, the first is needed."""
    handed_over = work.tools.blobs.temporary()
    try:
        with disk_trouble():
            os.link(spooled.path, handed_over)
        work.tools.blobs.put(spooled.blake2_256, handed_over, size=spooled.size)
    finally:
        handed_over.unlink(missing_ok=True)


def hold_blobs(work: Work, *keys: str | None) -> None:
    """Keep the sweeper from these blobs until the transaction ends.

    It could otherwise find a blob unreferenced, wait while this upload puts the same bytes again and refers to
    them, and then remove what is now in use.
    """
    locks = [lock_of(key) for key in keys if key is not None]
    work.db.execute(HOLD, {"space": BLOB_LOCKS, "locks": locks})


def lock_of(key: str) -> int:
    """A blob's place among the 2**32 locks of blobs; two that share one merely wait for each other."""
    return int.from_bytes(bytes.fromhex(key[:8]), "big", signed=True)


def _create_project(work: Work, candidate: Candidate, news: list[Event]) -> Project:
    _refuse_latecomer(work, candidate)
    project = Project(
        name=candidate.metadata.name,
        normalized_name=candidate.normalized_name,
        lookalike_name=lookalike(candidate.metadata.name),
        created_at=work.now,
    )
    work.db.add(project)
    work.db.flush()
    count_new_project(work)
    news.append(ProjectCreated(project, created_by=work.actor.name))
    if candidate.uploader is not None:
        work.db.add(Role(project_id=project.id, user_id=candidate.uploader.id, role_name=RoleName.OWNER.value))
        news.append(RoleAdded(project, candidate.uploader, RoleName.OWNER))
    return project


def _refuse_latecomer(work: Work, candidate: Candidate) -> None:
    """Ask again whether the name is too similar to another one, now that nobody else can register such a name, and
    whether it is in somebody's namespace.

    Of two names that look alike and are registered at once, neither finds the other before it is too late.
    """
    digest = hashlib.blake2b(lookalike(candidate.metadata.name).encode(), digest_size=4).digest()
    lock = int.from_bytes(digest, "big", signed=True)
    work.db.execute(select(func.pg_advisory_xact_lock(LOOKALIKE_LOCKS, lock)))
    check([(Invalid, name_is_no_lookalike)], candidate)
    if work.settings.namespaces.enabled:
        # Who grants a namespace at this moment waits for the project, or this finds the grant.
        hold_still(work.db, shared=True)
        check([(Conflict, name_is_in_nobody_elses_namespace)], candidate)


def _use_name_and_space(work: Work, candidate: Candidate, project: Project) -> None:
    """Register the file's name for ever, and note how large the project is and how its name is spelled now."""
    values = {
        "project": project.id,
        "name": candidate.metadata.name,
        "size": candidate.size,
        "filename": candidate.filename,
        "now": work.now,
    }
    work.db.execute(USE_NAME_AND_SPACE, values)
    set_committed_value(project, "name", candidate.metadata.name)


def _release(work: Work, candidate: Candidate, project: Project, news: list[Event]) -> Release:
    links = VerifiedLinks.of(work, candidate.metadata)
    if candidate.release is not None:
        links.upgrade(candidate.release)
        return candidate.release
    addresses = _collaborator_addresses(work, candidate.metadata, project)
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
        uploader_id=work.actor.user_id,
        uploaded_via=work.actor.user_agent,
        metadata_version=metadata.metadata_version,
        keywords=_listed(metadata.keyword_list),
        project_urls=links.project_urls or None,
        home_page_verified=links.home_page,
        download_url_verified=links.download_url,
        author_email_verified=is_verified_address(metadata.author_email, addresses),
        maintainer_email_verified=is_verified_address(metadata.maintainer_email, addresses),
        **values,
    )
    work.db.add(release)
    work.db.flush()
    if metadata.description:
        work.db.add(_description(candidate, release))
        enqueue(work.db, render_description, release_id=release.id)
    news.append(ReleaseCreated(project, release))
    return release


def _description(candidate: Candidate, release: Release) -> Description:
    return Description(
        release_id=release.id,
        content_type=candidate.metadata.description_content_type,
        raw=candidate.metadata.description,
        html="",
        rendered_by="",
    )


def _collaborator_addresses(work: Work, metadata: Metadata, project: Project) -> frozenset[str]:
    """What the project's people show to everyone and have proved to be theirs, in lower case."""
    if not (metadata.author_email or metadata.maintainer_email):
        return frozenset()
    query = (
        select(Email.address)
        .join(Role, Role.user_id == Email.user_id)
        .where(Role.project_id == project.id, Email.is_public, Email.is_verified)
    )
    return frozenset(address.lower() for address in work.db.scalars(query))


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return list(values) if values else None
