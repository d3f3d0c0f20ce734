"""Rules about what the file name says and what the archive holds."""

from __future__ import annotations

from warehouse.operations.upload.candidate import Candidate
from warehouse.standards import filenames, tags
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.metadata import InvalidMetadata, disagreement


def filename_can_be_read(upload: Candidate) -> str | None:
    """PEP 427 and PEP 625: the file name says which project, version and platforms the file is for."""
    try:
        _ = upload.parsed_filename
    except filenames.BadFilename as error:
        return error.sentence
    return None


def wheel_platforms_are_portable(upload: Candidate) -> str | None:
    """A wheel names only platforms that installers elsewhere can recognise (``upload.linux_wheels``)."""
    wheel = upload.parsed_filename
    if not isinstance(wheel, filenames.WheelFilename):
        return None
    refused = tags.refused_platform(wheel.platforms, linux_allowed=upload.settings.upload.linux_wheels)
    if refused is None:
        return None
    return f"Binary wheel {upload.filename!r} has an unsupported platform tag {refused!r}. Build it for manylinux."


def filename_fits_the_metadata(upload: Candidate) -> str | None:
    """Project and version in the file name are those of the metadata, in the one way they may be written."""
    parsed, name, version = upload.parsed_filename, upload.normalized_name, upload.metadata.version
    old = upload.settings.upload.old_filenames
    if isinstance(parsed, filenames.WheelFilename):
        return filenames.misnamed_wheel(parsed, name, version, any_spelling=old)
    return filenames.misnamed_sdist(parsed, name, version, any_spelling=old)


def archive_is_sound(upload: Candidate) -> str | None:
    """One reader of the archive sees what every other reader sees, and what an installer needs is there."""
    try:
        _ = upload.contents
    except BadArchive as error:
        return str(error)
    except InvalidMetadata as error:
        return f"Invalid distribution file. {error}"
    return None


def archive_agrees_with_the_form(upload: Candidate) -> str | None:
    """Installers act on the archive's own metadata, people on what the form said: they must not differ.

    ``upload.strict_metadata`` turns it off.
    """
    if not upload.settings.upload.strict_metadata:
        return None
    return disagreement(upload.metadata, upload.contents.parsed)
