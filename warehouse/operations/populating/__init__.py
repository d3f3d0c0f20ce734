"""Filling an index with invented projects, for measuring: as many as anyone has, in the shape that they have."""

from warehouse.operations.populating.filling import populate
from warehouse.operations.populating.inventing import MEAN_FILES

__all__ = ["MEAN_FILES", "populate"]
