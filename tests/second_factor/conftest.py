"""People who are about to protect their account."""

from __future__ import annotations

import pytest

from tests.index import Index
from tests.second_factor.person import Person


@pytest.fixture
def ada(index: Index) -> Person:
    """Somebody with a password and a verified address, and nothing more yet."""
    return Person(index)
