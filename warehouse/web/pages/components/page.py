"""What the page of components shows: their doc lines, and something to put into them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import warehouse.web
from warehouse.web.charts import DayChart, ShareChart, day_chart, share_chart
from warehouse.web.flashes import Flash
from warehouse.web.paging import Paging

FOLDER = Path(warehouse.web.__file__).parent / "components"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = NOW.date()

_DESCRIBED = re.compile(r"\{# (\w+)(\([^)]*\)): (.*?) #\}", re.DOTALL)


@dataclass(frozen=True)
class Described:
    """A component: how it is called, and its doc line."""

    call: str
    text: str


@dataclass(frozen=True)
class Sample:
    """A project that was never published."""

    name: str
    normalized_name: str
    version: str
    summary: str
    released_at: datetime


@dataclass(frozen=True)
class SampleEmail:
    """An address that is nobody's."""

    text: str
    is_primary: bool
    is_verified: bool
    is_public: bool
    trouble: str


@dataclass(frozen=True)
class ComponentsPage:
    """Every component by its name, and samples. ``scheme`` and ``direction`` are those in which they are shown."""

    described: Mapping[str, Described]
    scheme: Literal["", "light", "dark"]
    direction: Literal["ltr", "rtl"]
    projects: tuple[Sample, ...]
    email: SampleEmail
    flashes: tuple[Flash, ...]
    paging: Paging
    days: DayChart
    shares: ShareChart
    now: datetime


def components_page(scheme: str = "", direction: str = "") -> ComponentsPage:
    """The page, in the scheme and the direction that were asked for, else as the browser has it."""
    return ComponentsPage(
        described=described(),
        scheme="light" if scheme == "light" else "dark" if scheme == "dark" else "",
        direction="rtl" if direction == "rtl" else "ltr",
        projects=(
            Sample("Sampleproject", "sampleproject", "4.0.0", "A sample Python project.", NOW - timedelta(hours=3)),
            Sample("pip", "pip", "26.2", "The tool for installing Python packages.", NOW - timedelta(days=90)),
        ),
        email=SampleEmail("ada@example.com", True, True, False, "Mail to this address came back."),
        flashes=(
            Flash("success", "It is done."),
            Flash("warning", "It is done, but."),
            Flash("error", "It is not done."),
        ),
        paging=Paging(7, 24, (("q", "http"),)),
        days=day_chart(
            {TODAY - timedelta(days=ago): (ago * 37) % 90 for ago in range(60)}, TODAY - timedelta(89), TODAY
        ),
        shares=share_chart([("pip", 71_204), ("uv", 30_018), ("poetry", 702), ("", 41)], most=3),
        now=NOW,
    )


@lru_cache(maxsize=1)
def described() -> Mapping[str, Described]:
    """The doc line of every macro, as it stands above it."""
    found = {}
    for file in sorted(FOLDER.glob("*.html")):
        for name, arguments, text in _DESCRIBED.findall(file.read_text(encoding="utf-8")):
            found[name] = Described(name + arguments, " ".join(text.split()))
    return found
