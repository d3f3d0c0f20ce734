"""Fixtures of histories: those of uploads, which make some."""

from tests.upload.conftest import index_with

__all__ = ["index_with"]
