"""Pages that everybody may look at, as a browser shows them."""

from __future__ import annotations

import pytest

from tests.browser.chromium import Person


@pytest.mark.parametrize("path", ["/", "/legacy/", "/stats/", "/nothing-here/"])
def test_a_browser_finds_nothing_wrong_with_a_page(person: Person, path: str) -> None:
    person.open(path)
    assert person.page.locator("h1").count() == 1
    assert not person.overflows()
    person.picture(path.strip("/") or "home")
