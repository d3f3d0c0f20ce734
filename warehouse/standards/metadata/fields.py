"""The fields of core metadata, one line each: this table drives the checks of forms and the documentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from warehouse.errors import Invalid
from warehouse.standards.metadata import checks
from warehouse.standards.metadata.checks import VERSIONS, Wrong

__all__ = ["FIELDS", "VERSIONS", "Field", "InvalidMetadata"]

SPECIFICATION = "https://packaging.python.org/specifications/core-metadata/"
LOCAL_VERSIONS = "https://packaging.python.org/specifications/version-specifiers/#local-version-identifiers"


class InvalidMetadata(Invalid):
    """Core metadata that breaks a rule: ``field`` is the name of the field as the specification writes it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence, code="invalid-metadata")
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its ``name`` in the specification, the ``attribute`` we keep it in, its key in upload forms.

    ``since`` is the version of core metadata that introduced it, ``multiple`` whether it may be repeated, ``check``
    the rule for each of its values.
    """

    name: str
    attribute: str
    form: str
    since: str
    multiple: bool
    check: Callable[[str], Any] = checks.anything

    @property
    def rule(self) -> str:
        """What a value has to be, in one sentence, for people."""
        return (self.check.__doc__ or "").partition("\n")[0]

    def refuse(self, problem: str, *, see: str = SPECIFICATION) -> InvalidMetadata:
        """The refusal of this field; ``problem`` goes on where the field's name ends."""
        return InvalidMetadata(self.name, f"{self.name} {problem}. See {see}")

    def checked(self, value: str) -> Any:
        """The value to keep; raises `InvalidMetadata`."""
        try:
            return self.check(value)
        except Wrong as wrong:
            raise self.refuse(str(wrong)) from wrong


def _dynamic(value: str) -> str:
    """The name of a field other than Metadata-Version, Name and Version; letter case does not matter."""
    written = value.title()
    if written in ("Metadata-Version", "Name", "Version"):
        raise Wrong(f"must not list {written}, which cannot change between builds")
    if written not in _NAMES_IN_TITLE_CASE:
        raise Wrong(f"{checks.short(value)} is not the name of a field")
    return written


FIELDS: tuple[Field, ...] = (
    Field("Metadata-Version", "metadata_version", "metadata_version", "1.0", False, checks.metadata_version),
    Field("Name", "name", "name", "1.0", False, checks.name),
    Field("Version", "version", "version", "1.0", False, checks.version),
    Field("Platform", "platforms", "platform", "1.0", True),
    Field("Summary", "summary", "summary", "1.0", False, checks.summary),
    Field("Description", "description", "description", "1.0", False),
    Field("Keywords", "keywords", "keywords", "1.0", False, checks.keywords),
    Field("Home-page", "home_page", "home_page", "1.0", False, checks.url),
    Field("Author", "author", "author", "1.0", False),
    Field("Author-email", "author_email", "author_email", "1.0", False, checks.address),
    Field("License", "license", "license", "1.0", False),
    Field("Supported-Platform", "supported_platforms", "supported_platform", "1.1", True),
    Field("Download-URL", "download_url", "download_url", "1.1", False, checks.url),
    Field("Classifier", "classifiers", "classifiers", "1.1", True, checks.classifier),
    Field("Requires", "requires", "requires", "1.1", True),
    Field("Provides", "provides", "provides", "1.1", True),
    Field("Obsoletes", "obsoletes", "obsoletes", "1.1", True),
    Field("Maintainer", "maintainer", "maintainer", "1.2", False),
    Field("Maintainer-email", "maintainer_email", "maintainer_email", "1.2", False, checks.address),
    Field("Requires-Dist", "requires_dist", "requires_dist", "1.2", True, checks.requirement),
    Field("Provides-Dist", "provides_dist", "provides_dist", "1.2", True, checks.requirement_as_given),
    Field("Obsoletes-Dist", "obsoletes_dist", "obsoletes_dist", "1.2", True, checks.requirement_as_given),
    Field("Requires-External", "requires_external", "requires_external", "1.2", True),
    Field("Requires-Python", "requires_python", "requires_python", "1.2", False, checks.requires_python),
    Field("Project-URL", "project_urls", "project_urls", "1.2", True, checks.project_url),
    Field(
        *("Description-Content-Type", "description_content_type", "description_content_type", "2.1", False),
        checks.content_type,
    ),
    Field("Provides-Extra", "provides_extra", "provides_extra", "2.1", True, checks.extra),
    Field("Dynamic", "dynamic", "dynamic", "2.2", True, _dynamic),
    Field("License-Expression", "license_expression", "license_expression", "2.4", False, checks.license_expression),
    Field("License-File", "license_files", "license_file", "2.4", True, checks.license_file),
    Field("Import-Name", "import_names", "import_name", "2.5", True, checks.import_name),
    Field("Import-Namespace", "import_namespaces", "import_namespace", "2.5", True, checks.import_namespace),
)
"""Every field of core metadata 2.6, in the order in which versions introduced them."""

_NAMES_IN_TITLE_CASE = frozenset(field.name.title() for field in FIELDS)
