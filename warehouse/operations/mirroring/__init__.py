"""Keeping this index a true copy of another one, by its change feed."""

from warehouse.operations.mirroring.beginning import begin_mirroring, end_mirroring

__all__ = ["begin_mirroring", "end_mirroring"]
