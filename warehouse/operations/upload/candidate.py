"""A file that would like to be accepted, and everything the rules may ask about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import exists, func, or_, select

from warehouse.authz import Permission
from warehouse.authz.decide import denial
from warehouse.domain.accounts import User, has_verified_email
from warehouse.domain.packaging import Description, File, FileName, ProhibitedName, Project, ProjectStatus, Release
from warehouse.operations.upload.form import PostedFile, UploadForm
from warehouse.operations.upload.inspect import Contents, inspect
from warehouse.standards import readme
from warehouse.standards.metadata import Metadata
from warehouse.standards.names import lookalike, normalize
from warehouse.standards.versions import canonical
from warehouse.work import Work


class Candidate:
    """An upload with a sound form and sound metadata.

    What a rule asks for first is looked up then: a file that is refused early costs no query and no look into
    its archive. Nothing here locks or writes, so the transaction holds nobody up while an archive is read.
    """

    def __init__(self, work: Work, form: UploadForm, metadata: Metadata, file: PostedFile) -> None:
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
    def project(self) -> Project | None:
        """The project of this name, however it is spelled; None when the upload would create it."""
        return self.work.db.scalar(select(Project).where(Project.normalized_name == self.normalized_name))

    @cached_property
    def lookalike_project(self) -> str | None:
        """The name of another project that this one could be taken for."""
        query = select(Project.name).where(Project.lookalike_name == lookalike(self.metadata.name)).limit(1)
        return self.work.db.scalar(query)

    @cached_property
    def name_is_prohibited(self) -> bool:
        """Whether moderators keep this name from being registered."""
        return bool(self.work.db.scalar(select(exists().where(ProhibitedName.normalized_name == self.normalized_name))))

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

    @property
    def uploader_has_second_factor(self) -> bool:
        """Whether the uploader signs in with more than a password."""
        return self.uploader is None or self.uploader.totp_secret is not None

    # The release ------------------------------------------------------------------------------------------

    @cached_property
    def release(self) -> Release | None:
        """The release of this version, None when the upload would create it."""
        if self.project is None:
            return None
        query = select(Release).where(
            Release.project_id == self.project.id, Release.canonical_version == self.canonical_version
        )
        return self.work.db.scalar(query)

    @cached_property
    def release_opened_at(self) -> datetime | None:
        """When the first file of the release arrived."""
        if self.release is None:
            return None
        first = self.work.db.scalar(select(func.min(File.uploaded_at)).where(File.release_id == self.release.id))
        return first or self.release.created_at

    @cached_property
    def release_has_sdist(self) -> bool:
        """Whether the release has its source distribution."""
        if self.release is None:
            return False
        query = select(exists().where(File.release_id == self.release.id, File.packagetype == "sdist"))
        return bool(self.work.db.scalar(query))

    @cached_property
    def description_html(self) -> str:
        """The rendered description; refused with :class:`readme.BadDescription` when it does not render.

        Every file of a release brings the same description along, and rendering is most of what a small upload
        costs, so what was rendered for the release is taken as it is.
        """
        metadata = self.metadata
        if not metadata.description:
            return ""
        if self.release is not None:
            stored = self.work.db.get(Description, self.release.id)
            if (
                stored is not None
                and stored.raw == metadata.description
                and stored.content_type == metadata.description_content_type
                and stored.rendered_by == readme.RENDERER
            ):
                return stored.html
        return readme.render(metadata.description, metadata.description_content_type)

    # The file ---------------------------------------------------------------------------------------------

    @cached_property
    def twins(self) -> Sequence[File]:
        """Files anywhere in the index that have this name or these bytes."""
        digest = self.file.spooled.blake2_256
        query = select(File).where(or_(File.filename == self.filename, File.blake2_256 == digest))
        return self.work.db.scalars(query).all()

    @property
    def is_repeat(self) -> bool:
        """Whether exactly this file is in the index already: same name, same bytes."""
        spooled = self.file.spooled
        return any(
            (twin.filename, twin.sha256, twin.blake2_256) == (self.filename, spooled.sha256, spooled.blake2_256)
            for twin in self.twins
        )

    @cached_property
    def filename_was_used(self) -> bool:
        """Whether a file of this name was in the index once."""
        return bool(self.work.db.scalar(select(exists().where(FileName.filename == self.filename))))

    @cached_property
    def contents(self) -> Contents:
        """What is inside the archive; refused with :class:`BadArchive` when it is no sound archive."""
        return inspect(self.file.spooled.path, self.filename, self.filetype, self.metadata, scan=self.is_scanned)

    @property
    def is_scanned(self) -> bool:
        """Whether the members are searched for obfuscated code."""
        return self.settings.upload.scan_archives
