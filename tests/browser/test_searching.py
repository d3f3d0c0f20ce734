"""Searching with a browser: suggestions while one types, filters, and the list of classifiers."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Place
from tests.browser.test_pages import violations


def test_suggestions_are_walked_with_the_keyboard(visitor: Person) -> None:
    before = len(visitor.complaints)
    page = visitor.open("/help/")
    box = page.locator("#q")
    page.keyboard.press("/")
    page.keyboard.type("tidewat")
    page.wait_for_selector("[role=option]")
    assert box.input_value() == "tidewat"
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true" and "tidewatch" in chosen.inner_text()
    assert violations(visitor) == []
    visitor.picture("suggestions")
    page.keyboard.press("Escape")
    assert page.locator("[role=option]").count() == 0 and box.input_value() == "tidewat"
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.type("c")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert visitor.path == "/project/tidewatch/"
    assert visitor.complaints[before:] == []


def test_enter_searches_for_what_was_typed(visitor: Person) -> None:
    page = visitor.open("/")
    page.keyboard.press("/")
    page.keyboard.type("tide")
    page.wait_for_selector("[role=option]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{visitor.url}/search/?q=tide"
    assert page.locator("#q").input_value() == "tide"


def test_a_filter_is_applied_at_once_and_taken_away_by_its_badge(visitor: Person) -> None:
    page = visitor.open("/search/?q=tide")
    page.get_by_text("Framework", exact=True).click()
    with page.expect_navigation():
        page.get_by_label("AsyncIO").check()
    assert page.url == f"{visitor.url}/search/?q=tide&c=Framework+%3A%3A+AsyncIO"
    assert page.get_by_label("AsyncIO").is_checked()
    with page.expect_navigation():
        page.get_by_label("Order").select_option("-created")
    assert page.url.endswith("&o=-created")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not page.get_by_label("AsyncIO").is_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Remove the filter AsyncIO").click()
    assert page.url == f"{visitor.url}/search/?q=tide&o=-created"


def test_the_search_works_without_scripts(filled: Place, windows: Callable[..., Person]) -> None:
    plain = windows(filled.url, java_script_enabled=False)
    page = plain.open("/")
    page.locator("input[name=q]").first.fill("tide")
    with page.expect_navigation():
        page.locator("input[name=q]").first.press("Enter")
    page.get_by_text("Framework", exact=True).click()
    page.get_by_label("AsyncIO").check()
    plain.press("Apply filters")
    assert "c=Framework+%3A%3A+AsyncIO" in page.url
    page.get_by_label("Order").select_option("name")
    plain.press("Sort")
    assert "o=name" in page.url and "c=Framework" in page.url
    page.get_by_role("link", name="tidewatch").click()
    assert plain.path == "/project/tidewatch/"
    page = plain.open("/classifiers/")
    assert not page.get_by_label("Show those that contain").is_visible()
    plain.context.close()


def test_classifiers_are_found_by_their_words(visitor: Person) -> None:
    page = visitor.open("/classifiers/")
    page.get_by_label("Show those that contain").fill("django 5")
    shown = page.locator(".classifiers__list li:visible")
    assert shown.count() >= 2
    assert all("Django" in text and "5" in text for text in shown.all_inner_texts())
    assert f"{shown.count()} of" in page.locator(".classifiers__shown").inner_text()


def test_words_of_strangers_do_nothing(visitor: Person) -> None:
    before = len(visitor.complaints)
    page = visitor.page
    page.add_init_script("window.alert = () => { document.title = 'HIT'; }")
    for text in ('"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "';alert(1)//", "{{7*7}}"):
        visitor.open("/")
        with page.expect_navigation():
            page.locator("main input[name=q], #q").first.fill(text)
            page.keyboard.press("Enter")
        asked = page.url.partition("?")[2]
        visitor.open(f"/search/?{asked}&{asked.replace('q=', 'c=')}&{asked.replace('q=', 'o=')}")
        assert text in visitor.text and "HIT" not in page.title() and "49" not in page.title()
    assert visitor.complaints[before:] == []
