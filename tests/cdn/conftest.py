"""An index with other settings, and a project on it."""

from __future__ import annotations

import pytest

from tests.builders import wheel
from tests.index import Index


@pytest.fixture
def demo(index: Index) -> Index:
    """An index with a project that has one file."""
    answer = index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    assert answer.status == 200, answer
    return index
