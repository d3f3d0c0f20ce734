"""Children of tests end with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from warehouse.operations.contents import apart


@pytest.fixture(autouse=True, scope="package")
def _end_children() -> Iterator[None]:
    yield
    apart._unpacking._end()
    apart._showing._end()
