"""What a project page says, apart from how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

#: The version of the Simple API both forms state. PEP 833 freezes the HTML form at 1.4.
API_VERSION = "1.4"

#: What the JSON form states where there are namespaces (PEP 752), and only there.
API_VERSION_WITH_NAMESPACES = "1.5"


class FileEntry(NamedTuple):
    """One file of a project page.

    A plain tuple, and whatever holds the same in the same order will do: ten thousand rows of a query are entries
    without the price of a constructor.

    ``url`` has no fragment; ``sha256`` and ``metadata_sha256`` (of the PEP 658 metadata file, None where there is
    none) are hex; ``size`` is bytes; ``upload_time`` is in UTC and says nothing of a zone; ``yanked`` is None unless
    the release is yanked, then the reason, empty where none was given; ``provenance`` is the absolute URL of a
    PEP 740 object.
    """

    filename: str
    version: str
    url: str
    sha256: str
    size: int
    upload_time: datetime
    requires_python: str | None = None
    yanked: str | None = None
    metadata_sha256: str | None = None
    provenance: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Everything one project page says. ``files`` stand as they are to be shown: ascending by version, then filename.

    ``name`` is the normalized name, the only one that either form shows; ``status`` is a PEP 792 marker.
    ``namespaces`` are those that cover the name, outermost first, and whether an owner of the project holds each; None
    where the index has no namespaces, which must not be spoken of then (PEP 752).
    """

    name: str
    serial: int
    files: Sequence[FileEntry] = ()
    status: str = "active"
    status_reason: str | None = None
    namespaces: Sequence[tuple[str, bool]] | None = None

    @property
    def offered_files(self) -> Sequence[FileEntry]:
        """The files that installers may see: none of a quarantined project (PEP 792)."""
        return () if self.status == "quarantined" else self.files
