"""What an origin says, as documents whose every value was looked at: strangers' words, until here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from warehouse.domain.journal.copying import CopiedEntry
from warehouse.errors import Invalid
from warehouse.standards import filenames
from warehouse.standards.names import NormalizedName, is_valid_name, normalize
from warehouse.standards.versions import canonical

LARGEST_FILE = 1024**3  # bytes; no index takes larger ones
MAJOR = "1"

T = TypeVar("T", bound="Said")


class Misstated(Exception):
    """The origin says what cannot be; the message is one sentence."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL, which no database keeps")
    return text


def _name(text: str) -> str:
    if not is_valid_name(text) or len(text) > 1000:
        raise ValueError("is not the name of a project")
    return text


def _normalized(text: str) -> str:
    if _name(text) != normalize(text):
        raise ValueError("is not a normalized name")
    return text


def _api_version(text: str) -> str:
    if text.partition(".")[0] != MAJOR:
        raise ValueError(f"is not version {MAJOR} of the API, the only one known here")
    return text


Storable = Annotated[str, AfterValidator(_storable)]
Text = Annotated[Storable, Field(max_length=100_000)]
Line = Annotated[Storable, Field(max_length=2_000)]
Name = Annotated[str, AfterValidator(_name)]
Normalized = Annotated[str, AfterValidator(_normalized)]
Serial = Annotated[int, Field(ge=0, le=2**63 - 1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ApiVersion = Annotated[str, AfterValidator(_api_version)]
Texts = list[Text] | None


class Said(BaseModel):
    """A document, or a part of one. Keys that are not known here are passed over."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


def read(kind: type[T], body: bytes, url: str) -> T:
    """The document; raises :class:`Misstated` when it is not one of its kind."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step)[:60] for step in first["loc"]) or "the document"
        problem = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise Misstated(f"{url} makes no sense: {place}: {problem}.") from error


# The change feed


class FeedMeta(Said):
    api_version: ApiVersion = Field(alias="api-version")


class Beginning(Said):
    """What the feed answers without a question."""

    last: Serial
    meta: FeedMeta


class Entry(Said):
    """One entry of the feed."""

    serial: Serial
    project: Name
    normalized_name: Normalized = Field(alias="normalized-name")
    version: Line | None
    change: Line
    action: Text
    at: AwareDatetime

    @property
    def copied(self) -> CopiedEntry:
        """The entry as our journal takes it."""
        return CopiedEntry(
            self.serial, self.project, self.normalized_name, self.version, self.change, self.action, self.at
        )


class Batch(Said):
    """Some entries in order, and where to go on."""

    entries: list[Entry]
    meta: FeedMeta
    more: bool
    next: Serial

    def check(self, since: int) -> None:
        """Raise :class:`Misstated` unless this can follow on ``since``."""
        last = since
        for entry in self.entries:
            if entry.serial <= last:
                raise Misstated(f"The origin's change feed tells serial {entry.serial} after {last}.")
            last = entry.serial
        if self.next < last or (self.next == since and self.more):
            raise Misstated(f"The origin's change feed leads from serial {since} to {self.next}.")


# The simple API


class SimpleMeta(Said):
    last_serial: Serial = Field(alias="_last-serial")


@dataclass(slots=True, frozen=True, config=ConfigDict(strict=True, hide_input_in_errors=True))
class Listed:
    """One project of the root list, of which there may be a million: this kind of object is a small one."""

    name: Name
    last_serial: Serial = Field(alias="_last-serial")


class Root(Said):
    """The list of all projects."""

    meta: SimpleMeta
    projects: list[Listed]


class Status(Said):
    """A project's status marker (PEP 792)."""

    status: Literal["active", "archived", "quarantined", "deprecated"]
    reason: Text | None = None


class SimplePage(Said):
    """What is needed of a project's page of the simple API; its files are told better by the JSON API."""

    meta: SimpleMeta
    name: Normalized
    status: Status = Field(alias="project-status")


# The JSON API


class Digests(Said):
    blake2b_256: Digest
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    sha256: Digest


class CoreMetadata(Said):
    sha256: Digest


class FileSaid(Said):
    """One file of a release. ``core_metadata`` is False where there is no metadata file."""

    comment: Text | None = Field(alias="comment_text")
    core_metadata: CoreMetadata | Literal[False] = Field(alias="core-metadata")
    digests: Digests
    filename: Line
    packagetype: Literal["sdist", "bdist_wheel"]
    python_version: Line
    requires_python: Text | None
    size: Annotated[int, Field(ge=0, le=LARGEST_FILE)]
    uploaded_at: AwareDatetime = Field(alias="upload_time_iso_8601")
    url: Line
    yanked: bool
    yanked_reason: Text | None

    @property
    def metadata_sha256(self) -> str | None:
        """The digest of the metadata file (PEP 658), None where there is none."""
        return self.core_metadata.sha256 if self.core_metadata else None

    @model_validator(mode="after")
    def _is_a_name_and_no_path(self) -> Self:
        name = self.filename
        wrong = filenames.control_characters(name) or filenames.slashes(name) or filenames.too_long(name)
        wrong = wrong or filenames.wrong_extension(name, self.packagetype)
        if wrong or name.startswith("."):
            raise ValueError(wrong or "a file name does not begin with a full stop")
        return self


class Info(Said):
    """What a release says of itself."""

    name: Name
    version: Line
    author: Text | None
    author_email: Text | None
    classifiers: list[Line]
    description: Storable
    description_content_type: Text | None
    download_url: Text | None
    dynamic: Texts
    home_page: Text | None
    keywords: Text | None
    license: Text | None
    license_expression: Text | None
    license_files: Texts
    maintainer: Text | None
    maintainer_email: Text | None
    platform: Text | None
    project_urls: dict[Text, Text] | None
    provides_extra: Texts
    requires_dist: Texts
    requires_python: Text | None
    summary: Text | None
    yanked: bool
    yanked_reason: Text | None


class Latest(Said):
    """Which release a project's page shows, and how the project is spelled."""

    name: Name


class ProjectDocument(Said):
    """A project in the JSON API: the files of each of its releases."""

    info: Latest
    last_serial: Serial
    releases: dict[Annotated[Line, Field(min_length=1)], list[FileSaid]]

    def check(self, name: NormalizedName) -> None:
        """Raise :class:`Misstated` unless all of this can belong to the project of this name."""
        if normalize(self.info.name) != name:
            raise Misstated(f"The origin's page of {name} is about {self.info.name}.")
        if len({canonical(version) for version in self.releases}) < len(self.releases):
            raise Misstated(f"The origin has two releases of {name} with the same version.")
        files = [file for release in self.releases.values() for file in release]
        for what, values in (
            ("name", {file.filename for file in files}),
            ("content", {file.digests.blake2b_256 for file in files}),
        ):
            if len(values) < len(files):
                raise Misstated(f"The origin has two files of {name} with the same {what}.")
        for file in files:
            if (theirs := project_of(file)) not in (None, name):
                raise Misstated(f"The origin has a file of {theirs} under {name}: {file.filename}.")


class ReleaseDocument(Said):
    """A release in the JSON API."""

    info: Info
    last_serial: Serial


def project_of(file: FileSaid) -> str | None:
    """Whose file it is by its name; None for an old name that does not tell."""
    try:
        if file.packagetype == "bdist_wheel":
            return normalize(filenames.parse_wheel(file.filename).name)
        return normalize(filenames.parse_sdist(file.filename).name)
    except Invalid:
        return None


def earliest(files: list[FileSaid]) -> datetime | None:
    """When the first of these was uploaded."""
    return min((file.uploaded_at for file in files), default=None)
