"""What a project page says, apart from how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: The version of the Simple API both forms state. PEP 833 freezes the HTML form at 1.4.
API_VERSION = "1.4"


class FileEntry(NamedTuple):
    """One file of a project page.

    A plain tuple, so that ten thousand rows of a query become entries (``FileEntry._make``) without the price of a
    constructor.

    ``url`` has no fragment; ``sha256`` and ``metadata_sha256`` (of the PEP 658 metadata file, None where there is
    none) are hex; ``size`` is bytes; ``yanked`` is a reason, True without one, or False; ``provenance`` is the absolute
    URL of a PEP 740 object. ``upload_time`` is in UTC; PEP 700: "a valid ISO 8601 date/time string, in the format
    yyyy-mm-ddThh:mm:ss.ffffffZ", whose fraction may be missing.
    """

    filename: str
    version: str
    url: str
    sha256: str
    size: int
    upload_time: str
    requires_python: str | None = None
    yanked: bool | str = False
    metadata_sha256: str | None = None
    provenance: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Everything one project page says. ``files`` stand as they are to be shown: ascending by version, then filename.

    ``name`` is the normalized name, the only one that either form shows; ``status`` is a PEP 792 marker.
    """

    name: str
    serial: int
    files: Sequence[FileEntry] = ()
    status: str = "active"
    status_reason: str | None = None

    @property
    def offered_files(self) -> Sequence[FileEntry]:
        """The files that installers may see: none of a quarantined project (PEP 792)."""
        return () if self.status == "quarantined" else self.files
