"""Rules about the names of new projects; a project that exists has passed them."""

from __future__ import annotations

from warehouse.domain.site.flags import FlagName
from warehouse.operations.upload.candidate import Candidate
from warehouse.operations.upload.new_projects import refuse_too_many
from warehouse.standards.names import is_standard_library, is_valid_name


def not_too_many_new_projects(upload: Candidate) -> str | None:
    """So many new projects in a time, by one person or from one address, as the settings ``limits`` say."""
    if upload.project is None:
        refuse_too_many(upload.work)
    return None


def new_projects_are_welcome(upload: Candidate) -> str | None:
    """Operators can close the registration of new names (``upload.new_projects``)."""
    if upload.project is not None:
        return None
    if not upload.settings.upload.new_projects or FlagName.DISALLOW_NEW_PROJECTS in upload.flags:
        return "New project registration is temporarily disabled. Upload to a project that exists, or try again later."
    return None


def name_is_well_formed(upload: Candidate) -> str | None:
    """PEP 508: ASCII letters, digits, ``.``, ``_`` and ``-``, a letter or digit at both ends."""
    name = upload.metadata.name
    if upload.project is None and not is_valid_name(name):
        return (
            f"The name {name!r} is invalid. Use ASCII letters, digits, '.', '_' and '-', "
            "with a letter or digit at both ends."
        )
    return None


def name_is_not_of_the_standard_library(upload: Candidate) -> str | None:
    """A project called like a module of Python itself would be installed by mistake.

    ``upload.standard_library_names_refused`` turns it off.
    """
    if (
        upload.project is None
        and upload.settings.upload.standard_library_names_refused
        and is_standard_library(upload.normalized_name)
    ):
        return (
            f"The name {upload.metadata.name!r} isn't allowed: it conflicts with a module of the Python "
            "standard library. Choose another name; the operators of an index may allow such names with the setting "
            "upload.standard_library_names_refused."
        )
    return None


def name_is_not_prohibited(upload: Candidate) -> str | None:
    """Moderators keep some names from being registered."""
    if upload.project is None and upload.name_is_prohibited:
        return f"The name {upload.metadata.name!r} isn't allowed. Choose another name."
    return None


def name_is_no_lookalike(upload: Candidate) -> str | None:
    """A reader could take ``l``, ``I`` and ``1``, or ``O`` and ``0``, for one another."""
    other = upload.lookalike_project if upload.project is None else None
    if other is not None:
        return (
            f"The name {upload.metadata.name!r} is too similar to an existing project ({other!r}). Choose another name."
        )
    return None


def name_is_in_nobody_elses_namespace(upload: Candidate) -> str | None:
    """PEP 752: new names in a namespace are its owner's; an older project may go on (``namespaces.enabled``)."""
    namespace = upload.foreign_namespace
    if namespace is None:
        return None
    return (
        f"The name {upload.metadata.name!r} is in the namespace {namespace!r}, which belongs to somebody else. "
        "Choose another name, or have the owner of the namespace make the project."
    )
