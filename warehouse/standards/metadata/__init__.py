"""Core metadata: what an upload's form says, what its archive says, and where the two disagree."""

from warehouse.standards.metadata.archive import ArchiveMetadata, from_archive
from warehouse.standards.metadata.compare import disagreement
from warehouse.standards.metadata.fields import FIELDS, VERSIONS, Field, InvalidMetadata
from warehouse.standards.metadata.form import Metadata, clean, from_form

__all__ = [
    "FIELDS",
    "VERSIONS",
    "ArchiveMetadata",
    "Field",
    "InvalidMetadata",
    "Metadata",
    "clean",
    "disagreement",
    "from_archive",
    "from_form",
]
