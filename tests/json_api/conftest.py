"""Readers of the JSON API: what they ask, and an index with settings of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

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


def read(index: Index, *path: str, **headers: str) -> dict[str, Any]:
    """What the JSON API says of a project, or of one release when a version follows its name."""
    answer = index.get(f"/pypi/{'/'.join(path)}/json", **headers)
    assert answer.status == 200, answer
    assert isinstance(answer.body, bytes)
    return orjson.loads(answer.body)


def header(answer: Any, name: str) -> str | None:
    """A field of an answer, whether its wire bytes are made already or not."""
    if hasattr(answer, "head"):
        lines = answer.head.decode("latin-1").split("\r\n")[1:]
        fields = [tuple(line.split(": ", 1)) for line in lines if ": " in line]
    else:
        fields = answer.headers
    return next((value for field, value in fields if field.lower() == name), None)
