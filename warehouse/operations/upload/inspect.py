"""What is inside an uploaded archive, as far as the index wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse.standards import filenames
from warehouse.standards import metadata as core_metadata
from warehouse.standards.archives.sdist import inspect_sdist
from warehouse.standards.archives.wheel import inspect_wheel


@dataclass(frozen=True)
class Contents:
    """``metadata`` are the exact bytes of METADATA or PKG-INFO; ``record_matches`` is None for an sdist."""

    metadata: bytes
    parsed: core_metadata.ArchiveMetadata
    record_matches: bool | None
    sboms: tuple[str, ...]


def inspect(path: Path, filename: str, filetype: str, metadata: core_metadata.Metadata, *, scan: bool) -> Contents:
    """Read the archive within limits; refuses with :class:`BadArchive` or :class:`InvalidMetadata`."""
    license_files = metadata.license_files or ()
    if filetype == "bdist_wheel":
        wheel = inspect_wheel(str(path), filenames.parse_wheel(filename), license_files=license_files, scan=scan)
        parsed = core_metadata.from_archive(wheel.metadata)
        return Contents(wheel.metadata, parsed, wheel.record_matches, wheel.sboms)
    sdist = inspect_sdist(str(path), filename, license_files=license_files, scan=scan)
    return Contents(sdist.metadata, core_metadata.from_archive(sdist.metadata), None, ())
