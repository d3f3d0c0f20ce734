"""The page about security names tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_about_security_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = set(re.findall(r"`([\w/]+(?:/|\.py))`", page)) - {"tests/", "tests/attacks/"}
    named = {name for name in named if not (ROOT / "warehouse" / name).exists()}
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / "tests" / name).exists()] == []
