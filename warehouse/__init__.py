"""The Python package index, for everyone."""

__version__ = "26.11.0"
