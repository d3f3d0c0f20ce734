"""Receive an upload: gather, judge, act, tell."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.domain.site.flags import FlagName
from warehouse.domain.site.mirror import refuse_on_a_mirror, standing
from warehouse.errors import Invalid, NotAllowed
from warehouse.operations.upload.candidate import Candidate
from warehouse.operations.upload.form import Posted, parse_form, refuse_file_parts, refuse_too_much_metadata
from warehouse.operations.upload.new_projects import NewProject
from warehouse.operations.upload.rules import ADMISSION, CONTENTS, check
from warehouse.operations.upload.store import store
from warehouse.standards import metadata as core_metadata
from warehouse.work import ActorKind, Work


@dataclass(frozen=True)
class Receipt:
    """An accepted upload. ``is_new`` is False when exactly this file was there already and nothing was done."""

    project: str
    version: str
    filename: str
    is_new: bool


def receive(
    work: Work, posted: Posted, *, stranger: NotAllowed | None = None, new_project: NewProject | None = None
) -> Receipt:
    """Accept the posted file into the index, or refuse it with the first rule it breaks.

    Implements the legacy upload API. The order of the checks is part of what clients see: a repeated upload is
    answered before the release is found to be closed, so that a client which skips existing files goes on working.
    ``stranger`` says why the credentials that were sent are nobody's; ``new_project`` is told when the upload
    attempts to create one.
    """
    refuse_file_parts(posted)
    flags = standing(work.db).flags
    _refuse_while_closed(work, flags)
    if work.actor.kind is ActorKind.ANONYMOUS:
        raise stranger or NotAllowed(
            "Invalid or non-existent authentication information. Use an API token: user __token__, password the token.",
            code="no_identity",
        )
    refuse_too_much_metadata(posted)
    form = parse_form(posted)
    metadata = _metadata(work, posted)
    if posted.file is None:
        raise Invalid("Upload payload does not have a file. Send it in the field content.", code="no_file")
    candidate = Candidate(work, form, metadata, posted.file, flags)
    if candidate.project is None and new_project is not None:
        new_project.is_attempted = True
    check(ADMISSION, candidate)
    if not candidate.is_repeat:
        check(CONTENTS, candidate)
        store(work, candidate)
    return Receipt(metadata.name, metadata.version, candidate.filename, is_new=not candidate.is_repeat)


def _refuse_while_closed(work: Work, flags: frozenset[str]) -> None:
    refuse_on_a_mirror(work.db)
    if FlagName.READ_ONLY in flags:
        raise NotAllowed("Read-only mode: Uploads are temporarily disabled.", code="read_only")
    if FlagName.DISALLOW_NEW_UPLOAD in flags or not work.settings.upload.enabled:
        raise NotAllowed("New uploads are temporarily disabled. Try again later.", code="uploads_disabled")


def _metadata(work: Work, posted: Posted) -> core_metadata.Metadata:
    try:
        return core_metadata.from_form(posted.fields, local_versions=work.settings.upload.local_versions)
    except core_metadata.InvalidMetadata as error:
        raise Invalid(str(error), code="metadata") from error
