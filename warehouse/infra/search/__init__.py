"""Search in the names and metadata of projects: an index beside the database, made from it and never needed by it."""

from warehouse.infra.search.contract import Answered, Asked, Hit, SearchDocument, Searching
from warehouse.infra.search.embedded import EmbeddedSearch
from warehouse.infra.search.writing import Mark, SearchWriter, Versions

__all__ = [
    "Answered",
    "Asked",
    "EmbeddedSearch",
    "Hit",
    "Mark",
    "SearchDocument",
    "SearchWriter",
    "Searching",
    "Versions",
]
