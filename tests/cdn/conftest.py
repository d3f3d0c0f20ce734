"""An index with other settings, and a project on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import wheel
from tests.conftest import CHEAP_PASSWORDS
from tests.index import Index
from warehouse.settings import load_settings
from warehouse.work import Tools

MakeIndex = Callable[..., Index]


@pytest.fixture
def index_with(tools: Tools) -> MakeIndex:
    """Makes an index with these settings in the form of environment variables, without their common beginning."""

    def make(**variables: str) -> Index:
        given = {f"WAREHOUSE_{name}": value for name, value in variables.items()}
        settings = load_settings({**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(tools.settings.data), **given})
        return Index(replace(tools, settings=settings))

    return make


@pytest.fixture
def demo(index: Index) -> Index:
    """An index with a project that has one file."""
    answer = index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    assert answer.status == 200, answer
    return index
