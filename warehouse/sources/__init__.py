"""Where simple pages and files come from."""

from warehouse.sources.local import FoundFile, LocalSource

__all__ = ["FoundFile", "LocalSource"]
