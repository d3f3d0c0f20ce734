"""Fixtures of tokens: those of uploads, which is what tokens are for."""

from tests.upload.conftest import index_with

__all__ = ["index_with"]
