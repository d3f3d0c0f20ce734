"""Rules about the file itself, before anybody looks inside."""

from __future__ import annotations

from warehouse.operations.upload.candidate import Candidate
from warehouse.settings import show_size
from warehouse.standards import filenames

MIB = 1024 * 1024
GIB = 1024 * MIB


def filename_has_no_control_characters(upload: Candidate) -> str | None:
    """Names are shown, logged and put into URLs."""
    return filenames.control_characters(upload.filename)


def filename_has_no_slashes(upload: Candidate) -> str | None:
    """A file name is not a path."""
    return filenames.slashes(upload.filename)


def extension_fits_the_filetype(upload: Candidate) -> str | None:
    """``.tar.gz`` or ``.zip`` for an sdist, ``.whl`` for a wheel, in lower case."""
    return filenames.wrong_extension(upload.filename, upload.filetype) or filenames.too_long(upload.filename)


def content_type_is_of_a_file(upload: Candidate) -> str | None:
    """A picture is no distribution.

    RFC 7578: "Each part MAY have an (optional) Content-Type header field, which defaults to text/plain"; uv sends
    none.
    """
    content_type = upload.file.content_type
    if content_type is not None and (not content_type.strip() or content_type.strip().lower().startswith("image/")):
        return "Invalid distribution file. Send the file with the content type application/octet-stream."
    return None


def file_fits_the_limits(upload: Candidate) -> str | None:
    """Limits on one file and on the whole project; a project's own limits count when they are larger."""
    name = upload.metadata.name
    if upload.size > upload.file_size_limit:
        return (
            f"File too large. Limit for project {name!r} is {_in_whole(MIB, 'MB', upload.file_size_limit)}. "
            "Ask the operators of this index for a higher limit."
        )
    if upload.project_size + upload.size > upload.project_size_limit:
        return (
            f"Project size too large. Limit for project {name!r} total size is "
            f"{_in_whole(GIB, 'GB', upload.project_size_limit)}. "
            "Remove old files, or ask the operators of this index for a higher limit."
        )
    return None


def bytes_match_the_digests(upload: Candidate) -> str | None:
    """What arrived is what was sent: every digest the client states is compared."""
    form, spooled = upload.form, upload.file.spooled
    stated = ((form.md5, spooled.md5), (form.sha256, spooled.sha256), (form.blake2_256, spooled.blake2_256))
    if any(digest is not None and digest != actual for digest, actual in stated):
        return "The digest supplied does not match a digest calculated from the uploaded file."
    return None


def name_and_bytes_are_new(upload: Candidate) -> str | None:
    """A file name never means two contents, and no contents have two names.

    The beginning of the sentence is a contract: clients that skip existing files look for it.
    """
    twin = upload.twin
    if twin is not None and not upload.is_repeat:
        return (
            f"File already exists ({twin.filename!r}, with blake2_256 hash {twin.blake2_256!r}). "
            "Published files never change: raise the version and build again."
        )
    return None


def name_was_never_used(upload: Candidate) -> str | None:
    """Also the name of a deleted file is never given to other contents."""
    if upload.filename_was_used:
        return (
            "This filename was previously used by a file that has since been deleted. "
            "Use a different version, or another build number."
        )
    return None


def _in_whole(unit: int, name: str, size: int) -> str:
    """The size as the public index says it, which counts in whole units; exactly where that would not be true."""
    return show_size(size) if size % unit else f"{size // unit} {name}"
