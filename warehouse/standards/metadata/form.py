"""Core metadata as the form of an upload states it: cleaned, checked field by field, normalised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from warehouse.standards.metadata.checks import VERSIONS
from warehouse.standards.metadata.fields import FIELDS, LOCAL_VERSIONS, Field

_FIRST = ("Metadata-Version", "Name", "Version")
_IN_ORDER_OF_REPORT = sorted(
    FIELDS, key=lambda field: (_FIRST.index(field.name) if field.name in _FIRST else len(_FIRST), field.name.lower())
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The core metadata of one file (up to version 2.6), valid and normalised; absent fields are None or empty.

    ``version`` is PEP 440 text with its zeros, ``requires_python`` has its clauses sorted, ``provides_extra`` is
    normalised, ``dynamic`` in title case, ``license_expression`` in reference case, ``project_urls`` are pairs of label
    and URL. ``import_names`` is ``("",)`` where a project says that nothing in it can be imported.
    """

    metadata_version: str
    name: str
    version: str
    platforms: tuple[str, ...] = ()
    summary: str | None = None
    description: str | None = None
    keywords: str | None = None
    home_page: str | None = None
    author: str | None = None
    author_email: str | None = None
    license: str | None = None
    supported_platforms: tuple[str, ...] = ()
    download_url: str | None = None
    classifiers: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    obsoletes: tuple[str, ...] = ()
    maintainer: str | None = None
    maintainer_email: str | None = None
    requires_dist: tuple[str, ...] = ()
    provides_dist: tuple[str, ...] = ()
    obsoletes_dist: tuple[str, ...] = ()
    requires_external: tuple[str, ...] = ()
    requires_python: str | None = None
    project_urls: tuple[tuple[str, str], ...] = ()
    description_content_type: str | None = None
    provides_extra: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    license_expression: str | None = None
    license_files: tuple[str, ...] = ()
    import_names: tuple[str, ...] = ()
    import_namespaces: tuple[str, ...] = ()

    @property
    def keyword_list(self) -> tuple[str, ...]:
        """The keywords one by one, without empty ones."""
        return tuple(word for word in (self.keywords or "").split(", ") if word)


def clean(form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The text fields of a form without what old tools and mistakes put there.

    A field one of whose values is ``UNKNOWN``, which distutils wrote for nothing, is dropped; NUL characters, which
    databases refuse, become the four characters ``\\x00``.
    """
    return {
        key: [value.replace("\0", "\\x00") for value in values]
        for key, values in form.items()
        if not any(value.strip() == "UNKNOWN" for value in values)
    }


def from_form(form: Mapping[str, Sequence[str]], *, local_versions: bool) -> Metadata:
    """The metadata a cleaned form states; raises `InvalidMetadata`.

    Of several wrong fields the one people can do most about is named: Metadata-Version, Name, Version, then the others
    in alphabetical order; of several wrong values its first. Keys of the form that are no fields are ignored.
    ``local_versions`` allows versions such as ``1.0+local``.
    """
    kept: dict[str, Any] = {}
    for field in _IN_ORDER_OF_REPORT:
        values = _stated(field, form, kept.get("metadata_version"))
        if not values:
            if field.name in _FIRST:
                raise field.refuse("is required")
            continue
        if VERSIONS.index(field.since) > VERSIONS.index(kept.get("metadata_version", VERSIONS[-1])):
            if field.name == "License-File":  # setuptools wrote it into older metadata for years
                continue
            raise field.refuse(f"needs Metadata-Version {field.since} or newer, not {kept['metadata_version']}")
        if not field.multiple and len(values) > 1:
            raise field.refuse("has invalid data: it may be given only once")
        checked = tuple(field.checked(value) for value in values)
        kept[field.attribute] = checked if field.multiple else checked[0] or None
        _check_together(field, kept, form, local_versions=local_versions)
    return Metadata(**kept)


def _stated(field: Field, form: Mapping[str, Sequence[str]], metadata_version: str | None) -> Sequence[str]:
    """The values of a field. One empty value is none, but says something for Import-Name.

    PEP 794: "Projects MAY set Import-Name to an empty string, representing a project with no import names".
    """
    values = form.get(field.form, ())
    if list(values) != [""]:
        return values
    says_nothing_is_imported = (
        field.name == "Import-Name"
        and metadata_version is not None
        and VERSIONS.index(metadata_version) >= VERSIONS.index(field.since)
    )
    return values if says_nothing_is_imported else ()


def _check_together(
    field: Field, kept: Mapping[str, Any], form: Mapping[str, Sequence[str]], *, local_versions: bool
) -> None:
    """The rules that need more than one value."""
    if field.name == "Version" and not local_versions and Version(kept["version"]).local is not None:
        raise field.refuse("must not have a local segment ('+...') on this index", see=LOCAL_VERSIONS)
    if field.name == "License" and any(form.get("license_expression", ())):
        raise field.refuse("and License-Expression must not be used together; leave out License")
    if field.name == "Project-URL" and len({label for label, _ in kept["project_urls"]}) < len(kept["project_urls"]):
        raise field.refuse("has invalid data: each label may be used only once")
    if field.name == "Import-Name" and "" in kept["import_names"] and len(kept["import_names"]) > 1:
        raise field.refuse("must not be empty when other names are given")
    if field.name == "Import-Namespace":
        both = _importable(kept.get("import_names", ())) & _importable(kept["import_namespaces"])
        if both:
            raise field.refuse(f"must not repeat a name that Import-Name gives: {min(both)[:60]}")


def _importable(names: Sequence[str]) -> set[str]:
    return {name.partition(";")[0] for name in names}
