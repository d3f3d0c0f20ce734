"""Rules about who uploads."""

from __future__ import annotations

from warehouse.operations.upload.candidate import Candidate


def newcomer_has_verified_email(upload: Candidate) -> str | None:
    """Whoever registers a name can be reached, where ``access.require_verified_email`` asks for it."""
    return uploader_has_verified_email(upload) if upload.project is None else None


def newcomer_has_second_factor(upload: Candidate) -> str | None:
    """Whoever registers a name protects it with more than a password (``access.require_second_factor``)."""
    return uploader_has_second_factor(upload) if upload.project is None else None


def uploader_may_upload(upload: Candidate) -> str | None:
    """The actor is a collaborator, the token covers the project, and the project takes files (PEP 792)."""
    return upload.denial


def uploader_has_verified_email(upload: Candidate) -> str | None:
    """Publishers can be reached, where ``access.require_verified_email`` asks for it.

    Asked after the permission, so that strangers learn nothing about accounts.
    """
    if upload.settings.access.require_verified_email and not upload.uploader_has_verified_email:
        return (
            f"User {upload.work.actor.username!r} does not have a verified primary e-mail address. "
            f"Verify one at {upload.settings.public_url}/manage/account/emails/, then try again."
        )
    return None


def uploader_has_second_factor(upload: Candidate) -> str | None:
    """Publishers protect their account with more than a password (``access.require_second_factor``)."""
    if upload.settings.access.require_second_factor and not upload.uploader_has_second_factor:
        return (
            f"User {upload.work.actor.username!r} does not have two-factor authentication enabled. "
            f"Enable it at {upload.settings.public_url}/manage/account/two-factor/, then try again."
        )
    return None
