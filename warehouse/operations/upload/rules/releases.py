"""Rules about the release that the file belongs to."""

from __future__ import annotations

from warehouse.operations.upload.candidate import Candidate
from warehouse.settings import show_duration
from warehouse.standards.readme import BadDescription


def description_renders(upload: Candidate) -> str | None:
    """A description that nobody could read on the project's page is refused rather than shown broken."""
    try:
        upload.check_description()
    except BadDescription as error:
        return str(error)
    return None


def release_is_open(upload: Candidate) -> str | None:
    """A release that people have relied on for weeks no longer changes, where ``upload.release_window`` is set."""
    window = upload.settings.upload.release_window
    if window is None or upload.release is None:
        return None
    if upload.work.now - upload.release.created_at > window:
        return f"Uploading new files to releases older than {show_duration(window)} is not allowed. Make a new release."
    return None


def only_one_sdist(upload: Candidate) -> str | None:
    """PEP 527: installers could not tell two source distributions apart."""
    if upload.filetype == "sdist" and upload.release_has_sdist:
        return "Only one sdist may be uploaded per release."
    return None
