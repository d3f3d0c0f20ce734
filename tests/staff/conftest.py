"""People who run an index, and people who use it."""

from __future__ import annotations

import pytest

from tests.index import Index
from warehouse.domain.accounts import User


@pytest.fixture
def root(index: Index) -> User:
    """An administrator."""
    return index.user("root", administrator=True)


@pytest.fixture
def ada(index: Index) -> User:
    """Somebody with a verified address."""
    return index.user("ada", verified=True)
