"""A file that would like to be accepted, and everything the rules may ask about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Text, and_, bindparam, exists, func, null, or_, select, union_all
from sqlalchemy.orm import load_only

from warehouse.authz import Permission
from warehouse.authz.decide import denial
from warehouse.authz.predicates import remember_role
from warehouse.domain.accounts import User, has_verified_email
from warehouse.domain.packaging import (
    Description,
    File,
    FileName,
    ProhibitedName,
    Project,
    ProjectStatus,
    Release,
    Role,
)
from warehouse.domain.packaging.namespaces import somebody_elses
from warehouse.domain.site.flags import FlagName
from warehouse.operations import rendering
from warehouse.operations.second_factors import is_secured
from warehouse.operations.upload.form import PostedFile, UploadForm
from warehouse.operations.upload.inspect import Contents, inspect
from warehouse.standards import filenames
from warehouse.standards.metadata import Metadata
from warehouse.standards.names import lookalike, normalize
from warehouse.standards.versions import canonical
from warehouse.work import Work

# Questions are put together once: that takes as long as asking them.

FOUND = (
    select(
        Project,
        Role.role_name,
        Release,
        exists().where(File.release_id == Release.id, File.packagetype == "sdist"),
        func.coalesce(
            and_(
                Description.raw == bindparam("description"),
                Description.content_type.is_not_distinct_from(bindparam("content_type", type_=Text)),
            ),
            False,
        ),
    )
    .outerjoin(Role, and_(Role.project_id == Project.id, Role.user_id == bindparam("user")))
    .outerjoin(Release, and_(Release.project_id == Project.id, Release.canonical_version == bindparam("version")))
    .outerjoin(Description, Description.release_id == Release.id)
    .where(Project.normalized_name == bindparam("name"))
    .options(
        # Of a release that exists, only what may still change: its metadata is that of its first file.
        load_only(
            Release.version,
            Release.canonical_version,
            Release.created_at,
            Release.requires_python,
            Release.project_urls,
            Release.home_page,
            Release.home_page_verified,
            Release.download_url,
            Release.download_url_verified,
        )
    )
)

NAMESAKES: CompoundSelect[Any] = union_all(
    select(File.filename, File.sha256, File.blake2_256).where(
        or_(File.filename == bindparam("filename"), File.blake2_256 == bindparam("digest"))
    ),
    select(FileName.filename, null(), null()).where(FileName.filename == bindparam("filename")),
)


class Found(NamedTuple):
    """What the index has under the upload's name and version."""

    project: Project
    release: Release | None
    release_has_sdist: bool
    description_is_known: bool


class Namesake(NamedTuple):
    """A file with the upload's name or bytes; without digests, a file name that was used."""

    filename: str
    sha256: str | None
    blake2_256: str | None


class Candidate:
    """An upload with a sound form and sound metadata.

    What rules ask for together is looked up together, when the first of them asks: a file that is refused early
    costs few queries and no look into its archive. Nothing here locks or writes, so the transaction holds nobody
    up while an archive is read.
    """

    def __init__(
        self, work: Work, form: UploadForm, metadata: Metadata, file: PostedFile, flags: frozenset[str]
    ) -> None:
        self.flags = flags
        self.work = work
        self.form = form
        self.metadata = metadata
        self.file = file
        self.settings = work.settings
        self.normalized_name = normalize(metadata.name)
        self.canonical_version = canonical(metadata.version)

    @property
    def filename(self) -> str:
        """The name the client gave the file."""
        return self.file.filename

    @property
    def filetype(self) -> str:
        """``sdist`` or ``bdist_wheel``."""
        return self.form.filetype

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.file.spooled.size

    # The project ------------------------------------------------------------------------------------------

    @cached_property
    def _found(self) -> Found | None:
        values = {
            "name": self.normalized_name,
            "version": self.canonical_version,
            "user": self.work.actor.user_id,
            "description": self.metadata.description,
            "content_type": self.metadata.description_content_type,
        }
        row = self.work.db.execute(FOUND, values).one_or_none()
        if row is None:
            return None
        project, role_name, release, has_sdist, description_is_known = row
        remember_role(self.work.actor, project, role_name)
        return Found(project, release, has_sdist, description_is_known)

    @property
    def project(self) -> Project | None:
        """The project of this name, however it is spelled; None when the upload would create it."""
        return self._found.project if self._found else None

    @property
    def lookalike_project(self) -> str | None:
        """The name of another project that this one could be taken for, as of now."""
        # Not the project itself: somebody else may have made it a moment ago.
        is_another = Project.normalized_name != self.normalized_name
        is_alike = Project.lookalike_name == lookalike(self.metadata.name)
        return self.work.db.scalar(select(Project.name).where(is_alike, is_another).limit(1))

    @cached_property
    def name_is_prohibited(self) -> bool:
        """Whether moderators keep this name from being registered."""
        return bool(self.work.db.scalar(select(exists().where(ProhibitedName.normalized_name == self.normalized_name))))

    @property
    def foreign_namespace(self) -> str | None:
        """The namespace that is somebody else's and that this upload would be in, as of now; an operator's are none."""
        if not self.settings.namespaces.enabled or (self.project is None and self.uploader is None):
            return None
        uploader = self.work.actor.user_id
        return somebody_elses(self.work.db, self.normalized_name, uploader=uploader, project=self.project)

    @property
    def file_size_limit(self) -> int:
        """Bytes that one file of the project may have: the larger of the instance's limit and the project's own."""
        own = self.project.file_size_limit if self.project else None
        return max(self.settings.upload.max_file_size, own or 0)

    @property
    def project_size_limit(self) -> int:
        """Bytes that the project may have: the larger of the instance's limit and the project's own."""
        own = self.project.total_size_limit if self.project else None
        return max(self.settings.upload.max_project_size, own or 0)

    @property
    def project_size(self) -> int:
        """Bytes that the project's files have now."""
        return self.project.total_size if self.project else 0

    # The person -------------------------------------------------------------------------------------------

    @cached_property
    def denial(self) -> str | None:
        """Why the actor may not upload to the project, in a sentence."""
        actor = self.work.actor
        if self.project is not None:
            return denial(actor, Permission.UPLOAD, self.project)
        # A token that is limited to some projects does not cover one that is yet to be made: judged against
        # the project as it would be.
        unborn = Project(
            id=uuid.UUID(int=0),
            name=self.metadata.name,
            normalized_name=self.normalized_name,
            status=ProjectStatus.ACTIVE.value,
        )
        return denial(actor, Permission.CREATE_PROJECT, unborn)

    @cached_property
    def uploader(self) -> User | None:
        """The account behind the upload; None for an operator's import."""
        actor = self.work.actor
        return self.work.db.get(User, actor.user_id) if actor.user_id else None

    @cached_property
    def uploader_has_verified_email(self) -> bool:
        """Whether the uploader's primary address is verified."""
        return self.uploader is None or has_verified_email(self.work.db, self.uploader.id)

    @cached_property
    def uploader_has_second_factor(self) -> bool:
        """Whether the uploader signs in with more than a password."""
        return self.uploader is None or is_secured(self.work, self.uploader)

    # The release ------------------------------------------------------------------------------------------

    @property
    def release(self) -> Release | None:
        """The release of this version, None when the upload would create it."""
        return self._found.release if self._found else None

    @property
    def release_has_sdist(self) -> bool:
        """Whether the release has its source distribution."""
        return self._found is not None and self._found.release_has_sdist

    @property
    def description_is_known(self) -> bool:
        """Whether the release has exactly this description, which was found to render then.

        Every file of a release brings the same one along, and reading it is most of what a small upload costs.
        """
        return self._found is not None and self._found.description_is_known

    def check_description(self) -> None:
        """Refuses with :class:`BadDescription` a description that does not render."""
        if self.metadata.description and not self.description_is_known:
            rendering.check(self.metadata.description, self.metadata.description_content_type)

    # The file ---------------------------------------------------------------------------------------------

    @cached_property
    def _namesakes(self) -> Sequence[Namesake]:
        values = {"filename": self.filename, "digest": self.file.spooled.blake2_256}
        return [Namesake(*row) for row in self.work.db.execute(NAMESAKES, values)]

    @property
    def twin(self) -> Namesake | None:
        """A file anywhere in the index that has this name, else one that has these bytes."""
        files = [namesake for namesake in self._namesakes if namesake.blake2_256 is not None]
        return min(files, key=lambda file: file.filename != self.filename, default=None)

    @property
    def is_repeat(self) -> bool:
        """Whether exactly this file is in the index already: same name, same bytes."""
        spooled = self.file.spooled
        return self.twin == (self.filename, spooled.sha256, spooled.blake2_256)

    @property
    def filename_was_used(self) -> bool:
        """Whether a file of this name was in the index once."""
        return any(namesake.filename == self.filename for namesake in self._namesakes)

    @cached_property
    def parsed_filename(self) -> filenames.SdistFilename | filenames.WheelFilename:
        """The parts of the file's name; refused with :class:`filenames.BadFilename`."""
        if self.filetype == "bdist_wheel":
            return filenames.parse_wheel(self.filename)
        return filenames.parse_sdist(self.filename, name=self.normalized_name, version=self.metadata.version)

    @cached_property
    def contents(self) -> Contents:
        """What is inside the archive; refused with :class:`BadArchive` when it is no sound archive."""
        return inspect(self.file.spooled.path, self.filename, self.filetype, self.metadata, scan=self.is_scanned)

    @property
    def is_scanned(self) -> bool:
        """Whether the members are searched for obfuscated code."""
        return self.settings.upload.scan_archives and FlagName.DISABLE_UPLOAD_SCANNING not in self.flags
