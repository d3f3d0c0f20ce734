"""Pages that everybody may look at, as a browser shows them."""

from __future__ import annotations

import json
from pathlib import Path

import axe_playwright_python
import pytest

from tests.browser.chromium import DESK, PHONE, Person
from tests.browser.pages import LONG, PAGES

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Everything that axe knows of WCAG 2.2 A and AA, and what it takes for good practice.
OPTIONS = {"resultTypes": ["violations"], "reporter": "v1"}
SEEN = [(DESK, "light"), (PHONE, "dark")]
ALL_SEEN = [(size, scheme) for size in (DESK, PHONE) for scheme in ("light", "dark")]

# What moved after it had been there (Layout Instability API); on a page that loads calmly nothing does.
MOVED = """() => new Promise((resolve) => {
  const moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries().filter((one) => !one.hadRecentInput))  // nor been resized
      for (const { node, previousRect: from, currentRect: to } of entry.sources)
        moved.push(`${node?.outerHTML?.slice(0, 120)}: ${from.x},${from.y} to ${to.x},${to.y}`);
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(moved)));
})"""


def violations(person: Person) -> list[str]:
    """What axe-core finds wrong with the page at hand."""
    person.page.evaluate(f"typeof axe === 'undefined' && (0, eval)({json.dumps(AXE)})")
    found = person.page.evaluate(f"axe.run(document, {json.dumps(OPTIONS)})")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_browser_finds_nothing_wrong_with_a_page(visitor: Person, name: str) -> None:
    before = len(visitor.complaints)
    visitor.open(PAGES[name])
    assert visitor.page.evaluate(MOVED) == []
    assert visitor.page.locator("h1").count() == 1
    for size, scheme in SEEN if name not in LONG else ():
        visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
        visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(visitor) == []
    assert not visitor.overflows()
    visitor.picture(name.replace(" ", "-"))
    visitor.page.emulate_media(color_scheme=None)
    assert visitor.complaints[before:] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_any_scheme_and_size(visitor: Person, name: str) -> None:
    visitor.open(PAGES[name])
    for size, scheme in ALL_SEEN:
        visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
        visitor.page.emulate_media(color_scheme=scheme, contrast="more")  # type: ignore[arg-type]
        assert violations(visitor) == [], (size, scheme)
    visitor.page.emulate_media(color_scheme=None, contrast=None)


@pytest.mark.parametrize("name", ["home", "components", "profile"])
def test_a_page_from_right_to_left_is_whole(visitor: Person, name: str) -> None:
    visitor.open(PAGES[name])
    visitor.page.evaluate("document.documentElement.dir = 'rtl'")
    assert not visitor.overflows()
    box = visitor.page.locator(".top__home").bounding_box()
    assert box is not None and box["x"] > DESK["width"] / 2
    visitor.picture(f"{name}-rtl")
