"""Keeping this index a true copy of another one, by its change feed."""

from warehouse.operations.mirroring.beginning import begin_mirroring, end_mirroring
from warehouse.operations.mirroring.following import follow
from warehouse.operations.mirroring.origin import Origin

__all__ = ["Origin", "begin_mirroring", "end_mirroring", "follow"]
