"""Readers of the JSON API: what they ask."""

from __future__ import annotations

from typing import Any

import orjson

from tests.index import Index


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
