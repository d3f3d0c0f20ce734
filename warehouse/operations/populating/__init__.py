"""Filling an index with invented projects, for measuring: as many as anyone has, in the shape that they have."""

from warehouse.operations.populating.filling import populate
from warehouse.operations.populating.inventing import MEAN_FILES, giant_name

__all__ = ["MEAN_FILES", "giant_name", "populate"]
