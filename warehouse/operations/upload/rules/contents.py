"""Rules about what the file name says and what the archive holds."""

from __future__ import annotations

from warehouse.operations.upload.candidate import Candidate
from warehouse.standards import filenames, tags
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.metadata import InvalidMetadata, disagreement


def filename_fits_the_metadata(upload: Candidate) -> str | None:
    """PEP 625 and the wheel specification: project and version can be read from the file name."""
    name, version = upload.normalized_name, upload.metadata.version
    try:
        if upload.filetype == "sdist":
            return filenames.misnamed_sdist(
                filenames.parse_sdist(upload.filename, name=name, version=version), name, version
            )
        return filenames.misnamed_wheel(filenames.parse_wheel(upload.filename), name, version)
    except filenames.BadFilename as error:
        return error.sentence


def wheel_platforms_are_portable(upload: Candidate) -> str | None:
    """A wheel names only platforms that installers elsewhere can recognise."""
    if upload.filetype != "bdist_wheel":
        return None
    wheel = filenames.parse_wheel(upload.filename)
    refused = tags.refused_platform(wheel.platforms, linux_allowed=upload.settings.upload.linux_wheels)
    if refused is None:
        return None
    return f"Binary wheel {upload.filename!r} has an unsupported platform tag {refused!r}. Build it for manylinux."


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
    """Installers act on the archive's own metadata, people on what the form said: they must not differ."""
    if not upload.settings.upload.strict_metadata:
        return None
    return disagreement(upload.metadata, upload.contents.parsed)
